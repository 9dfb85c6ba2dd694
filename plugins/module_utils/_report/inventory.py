# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the page about what there is: versions, images, licences, leftovers."""

from __future__ import annotations

from typing import Any

from .facts import Facts, Item
from .markup import Markup, tag
from .sections import grid, section, value, whole
from .words import count, figure, plural, table, text, when

OVER_MAXIMUM = 10
"""Per cent of its maximum, at least one node, by which a group may exceed it while zones are balanced anew."""


def versions(facts: Facts) -> Markup:
    """What the nodes are made of."""
    rows = [_version(one, facts) for one in _newest(facts)]
    rows += [_configuration(one, facts) for one in facts.items("launch_configurations")]
    images = [_image(one, facts.region) for one in facts.items("images")]
    server = facts.server_version or tag("span", "unknown", class_="unknown")
    return section(
        "Versions",
        tag("p", "Web Call Server: ", server),
        tag("h3", "Launch versions"),
        grid(["Version", "Image", "Type", "Created (UTC)", ("Nodes", "number")], rows),
        tag("h3", "Images"),
        grid(["Image", "ID", "Region", "State", "Created (UTC)"], images),
    )


def _newest(facts: Facts) -> list[Item]:
    return sorted(
        facts.items("launch_template_versions"), key=lambda one: count(one.get("version_number")) or 0, reverse=True
    )


def _version(version: Item, facts: Facts) -> Markup:
    named = text(version.get("version_number"))
    marks = [
        *(["the group's"] if _of_group(facts) == named else []),
        *(["default"] if version.get("default_version") is True else []),
    ]
    return _launched(named, marks, table(version.get("launch_template_data")), version.get("create_time"), facts)


def _of_group(facts: Facts) -> str | None:
    """The number of the version that the group launches, also where it says so in a word."""
    said = text(table(facts.group.get("launch_template")).get("version"))
    if said not in ("$Latest", "$Default"):
        return said
    key = "latest_version_number" if said == "$Latest" else "default_version_number"
    return next((text(one.get(key)) for one in facts.items("launch_templates")), None)


def _configuration(configuration: Item, facts: Facts) -> Markup:
    named = text(configuration.get("launch_configuration_name"))
    marks = ["the group's"] if named and facts.group.get("launch_configuration_name") == named else []
    return _launched(named, marks, configuration, configuration.get("created_time"), facts)


def _launched(named: str | None, marks: list[str], data: Item, made: Any, facts: Facts) -> Markup:
    nodes = sum(node.version == named for node in facts.nodes)
    return tag(
        "tr",
        tag("th", named or "unknown", tag("small", ", ".join(marks)) if marks else None, scope="row"),
        tag("td", text(data.get("image_id")) or "unknown", class_="name"),
        tag("td", text(data.get("instance_type")) or "unknown"),
        tag("td", when(made), class_=whole(when(made))),
        tag("td", value(nodes), class_="number", data_label="nodes"),
    )


def _image(image: Item, region: str | None) -> Markup:
    made = when(image.get("creation_date"))
    return tag(
        "tr",
        tag("th", text(image.get("name")) or "unknown", class_="name", scope="row"),
        tag("td", text(image.get("image_id")) or "unknown", class_="name"),
        tag("td", text(image.get("region")) or region or "unknown"),
        tag("td", text(image.get("state")) or "unknown"),
        tag("td", made, class_=whole(made)),
    )


def licences(facts: Facts) -> Markup:
    """How many servers there may be at once."""
    most = facts.size("max_size")
    if most is None or facts.peak is None:
        return section("Licences", tag("p", "There is no group, so nothing bounds the number of servers."))
    seed = text(table(facts.stack.get("seed")).get("instance_id"))
    servers = plural(facts.peak, "server")
    peak = f"At most {servers} at once: {figure(most)} in the group, and a seed while an image is made."
    if facts.licence_limit is not None:
        peak += f" The licence covers {plural(facts.licence_limit, 'server')}."
    over = max(1, most * OVER_MAXIMUM // 100)
    more = (
        f"Just now there is {f'the seed {seed}' if seed else 'no seed'}. While Auto Scaling balances zones anew, the "
    )
    more += f"group may hold {figure(over)} more for a while; a rollout adds its surge."
    return section("Licences", tag("p", peak), tag("p", more, class_="muted"))


def leftovers(facts: Facts) -> Markup:
    """Resources whose owner is gone."""
    if not facts.leftovers:
        return section("Orphaned resources", tag("p", "None."))
    rows = [
        tag(
            "tr",
            tag("th", text(one.get("kind")) or "unknown", scope="row"),
            tag("td", text(one.get("id")) or "unknown", class_="name"),
            tag("td", text(one.get("reason")) or "unknown"),
            tag("td", text(one.get("region")) or facts.region or "unknown"),
        )
        for one in facts.leftovers
    ]
    return section("Orphaned resources", grid(["Resource", "ID", "Reason", "Region"], rows))


def last(facts: Facts) -> Markup:
    """Where the page comes from."""
    when_made = f" {facts.generated}" if facts.generated else ""
    sentence = f"Generated{when_made} by webcallserver.aws from AWS and the nodes' statistics."
    return tag("footer", tag("p", f"{sentence} A missing value is shown as unknown, not as 0."))
