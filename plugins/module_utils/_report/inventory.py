# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the page about what there is: versions, images, licences, leftovers."""

from __future__ import annotations

from .._core.plain import Item, listed
from .facts import Facts
from .markup import Markup, tag
from .rows import ImageRow, LaunchRow
from .sections import grid, section, value, whole
from .words import figure, plural

OVER_MAXIMUM = 10
"""Per cent of its maximum, at least one node, by which a group may exceed it while zones are balanced anew."""


def versions(facts: Facts) -> Markup:
    """What the nodes are made of."""
    server = facts.server_version or tag("span", "unknown", class_="unknown")
    return section(
        "Versions",
        tag("p", "Web Call Server: ", server),
        *(tag("p", line) for line in facts.freshness),
        *(tag("p", "Instance profile of the nodes: ", name) for name in facts.instance_profiles),
        tag("h3", "Launch versions"),
        grid(
            ["Version", "Image", "Type", "Created (UTC)", ("Nodes", "number")],
            [_launch(one, facts) for one in facts.launches],
        ),
        tag("h3", "Images"),
        grid(["Image", "ID", "Region", "State", "Created (UTC)"], [_image(one) for one in facts.images]),
    )


def _launch(row: LaunchRow, facts: Facts) -> Markup:
    launched = facts.group and row.name and row.name in (facts.group.version, facts.group.configuration)
    marks = [*(["the group's"] if launched else []), *(["default"] if row.is_default else [])]
    nodes = sum(node.version == row.name for node in facts.nodes)
    return tag(
        "tr",
        tag("th", row.name or "unknown", tag("small", ", ".join(marks)) if marks else None, scope="row"),
        tag("td", row.image_id or "unknown", class_="name"),
        tag("td", row.instance_type or "unknown"),
        tag("td", row.created, class_=whole(row.created)),
        tag("td", value(nodes), class_="number", data_label="nodes"),
    )


def _image(row: ImageRow) -> Markup:
    return tag(
        "tr",
        tag("th", row.name or "unknown", class_="name", scope="row"),
        tag("td", row.id or "unknown", class_="name"),
        tag("td", row.region or "unknown"),
        tag("td", row.state or "unknown"),
        tag("td", row.created, class_=whole(row.created)),
    )


def licences(facts: Facts) -> Markup:
    """How many servers there may be at once."""
    most = facts.group.maximum if facts.group else None
    if most is None or facts.peak is None:
        return section("Licences", tag("p", "There is no group, so nothing bounds the number of servers."))
    seed = facts.seed
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


def costs(facts: Facts) -> Markup | None:
    """What the stack costs in USD; None where that was not worked out."""
    found = facts.costs
    if found is None or not facts.group:
        return None
    most, peak = plural(found["nodes_at_maximum"], "node"), plural(found["licences_peak"], "server")
    rows = [
        _cost(f"An hour as it is{_lacking(found, 'hour_now')}", found["hour_now"], 3),
        _cost(f"An hour with {most}, the maximum{_lacking(found, 'hour_at_maximum')}", found["hour_at_maximum"], 3),
        _cost(f"A month of licences for {peak} at a time", found["month_licences_peak"], 2),
    ]
    more = f"Prices: {found['source']}. Not counted: {listed(found['left_out'], 12)}."
    return section("Costs", grid(["", ("USD", "number")], rows), tag("p", more, class_="muted"))


def _lacking(found: Item, key: str) -> str:
    return ", and what has no price" if key in found["incomplete"] else ""


def _cost(words: str, usd: float | None, digits: int) -> Markup:
    amount = tag("td", value(usd, digits=digits), class_="number", data_label="USD")
    return tag("tr", tag("th", words, scope="row"), amount)


def leftovers(facts: Facts) -> Markup:
    """Orphaned resources, and what could not be asked for."""
    unread = [tag("p", line, class_="muted") for line in facts.unread]
    if not facts.orphans:
        return section("Orphaned resources", tag("p", "None."), *unread)
    rows = [
        tag(
            "tr",
            tag("th", one.kind or "unknown", scope="row"),
            tag("td", one.id or "unknown", class_="name"),
            tag("td", one.reason or "unknown"),
            tag("td", one.region or "unknown"),
        )
        for one in facts.orphans
    ]
    return section("Orphaned resources", grid(["Resource", "ID", "Reason", "Region"], rows), *unread)


def last(facts: Facts) -> Markup:
    """The footer: when the report was generated, and from what."""
    when_made = f" {facts.generated}" if facts.generated else ""
    sentence = f"Generated{when_made} by webcallserver.aws from AWS and the nodes' statistics."
    return tag("footer", tag("p", f"{sentence} A missing value is shown as unknown, not as 0."))
