# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All parts of a stack judged in one run, before any of them is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .._balancer import options as _balancer_options
from .._balancer.health import Asks
from .._base_image import options as _base_image_options
from .._core.errors import Call, Failure, named
from .._core.module import Answer, Run, checked, of_module, secrets_of
from .._fleet import options as _fleet_options
from .._image import api as _images
from .._image import options as _image_options
from .._image.value import COMING, USABLE
from .._money.prices import own_prices
from .._node_profile import options as _node_profile_options
from .._node_profile.value import name_of
from .._nodes.health_answer import answers
from .._security_groups import options as _security_groups_options
from .._seed import options as _seed_options
from . import balancer, group, image, node_profile, security_groups, seed, seed_image
from .known import TAGS, Known, selected

Params = Mapping[str, Any]


@dataclass(frozen=True)
class PartOfStack:
    """A part of a stack: its module, with that module's options, rules about them, and function."""

    module: str
    arguments: Mapping[str, Any]
    run: Callable[[Params, Run], Mapping[str, Any]]
    spec: Mapping[str, Any] = field(default_factory=dict)

    def params(self, given: Params) -> dict[str, Any]:
        """The options with the module's defaults, in its types. Failure for what its arguments refuse."""
        return dict(of_module(self.module, self.arguments, self.spec, given))


def converging(manage: Callable[[Params, Run], Answer]) -> Callable[[Params, Run], Mapping[str, Any]]:
    """What a module answers with `validate_only`."""

    def judged(params: Params, run: Run) -> Mapping[str, Any]:
        answer = manage(params, run)
        return {**answer.judged(), "warnings": [named(one, params["variables"]) for one in answer.warnings]}

    return judged


def parts(asks: Asks) -> dict[str, PartOfStack]:
    """The parts in the order in which they are made. `asks` asks a health check's question."""
    balancers, fleets, images = _balancer_options, _fleet_options, _image_options
    elb = converging(partial(balancer.manage, asks=asks))
    return {
        "security_groups": PartOfStack(
            "wcs_security_groups", _security_groups_options.ARGUMENTS, converging(security_groups.manage)
        ),
        "seed_image": PartOfStack(
            "wcs_seed_image", _base_image_options.ARGUMENTS, seed_image.look, _base_image_options.SPEC
        ),
        "seed": PartOfStack("wcs_seed", _seed_options.ARGUMENTS, converging(seed.manage), _seed_options.SPEC),
        "image": PartOfStack("wcs_ami", images.ARGUMENTS, converging(image.manage), images.SPEC),
        "load_balancer": PartOfStack("wcs_classic_elb", balancers.ARGUMENTS, elb, balancers.SPEC),
        "node_profile": PartOfStack(
            "wcs_node_profile", _node_profile_options.ARGUMENTS, converging(node_profile.manage)
        ),
        "group": PartOfStack("wcs_asg", fleets.ARGUMENTS, converging(group.manage)),
    }


@dataclass
class Validation:
    """What was found: why a run would be refused, and of each part that would not be, what its module answers."""

    refused: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    def part(self, name: str, part: PartOfStack, given: Params, run: Run) -> None:
        """Judges one part, knowing what was found before."""
        variables = given.get("variables") or {}
        try:
            params = self.known.filled(name, part.params(given))
            self.results[name] = part.run(checked(params, part.arguments, True), run)
        except Failure as failure:
            self.refuse(failure, variables)

    def refuse(self, failure: Failure, variables: Mapping[str, str]) -> None:
        """Keeps why; the same reason once."""
        sentence = failure.refusal.sentence(variables)
        if sentence not in self.refused:
            self.refused.append(sentence)
            self.calls.append(failure.call)

    def learn(self, name: str) -> None:
        """Keeps what later parts want to know of this one."""
        result = self.results.get(name, {})
        if name == "security_groups":
            ids = {one["name"]: one["group_id"] for one in result.get("security_groups") or ()}
            self.known = replace(self.known, groups=ids)
        elif name == "seed_image" and result:
            self.known = replace(self.known, seed_image_id=result["image"]["image_id"])


def look(params: Params, run: Run) -> dict[str, Any]:
    """The answer of the module: what each part's module would answer, or why a run would be refused."""
    found = validate(params, run)
    try:
        own_prices(params.get("prices"))
    except Failure as failure:
        found.refuse(failure, params.get("variables") or {})
    warnings = [line for result in found.results.values() for line in result.get("warnings", ())]
    if found.refused:
        refused = {"msg": "\n".join(found.refused), "refused": found.refused, "error": found.calls[0].fields()}
        return {"failed": True, "warnings": warnings, **refused}
    done = [name for name, result in found.results.items() if result.get("done")]
    return {
        "warnings": warnings,
        "parts": found.results,
        "done": done,
        "image_id": found.known.image_id,
        "instance_profile": found.known.instance_profile,
        "region": run.aws.region,
    }


def secrets(params: Params) -> set[str]:
    """The values of all parts that nobody shall read."""
    found = (secrets_of(part.arguments, params[name]) for name, part in parts(answers).items() if params[name])
    return set().union(*found)


def validate(params: Params, run: Run, asks: Asks = answers) -> Validation:
    """All that would be refused of the parts that are given and selected, in a run that writes nothing."""
    every, tags = parts(asks), (params["run_tags"], params["skip_tags"])
    refused = [why for role, reasons in params["refused"].items() if selected(role, *tags) for why in reasons]
    found = Validation(refused=refused, calls=[Call()] * len(refused))
    given = {name: params[name] for name in TAGS if params[name] is not None}
    _look(found, given, run)
    for name, part in every.items():
        wanted = name in given and selected(TAGS[name], *tags)
        if wanted and not (name in ("seed_image", "seed") and found.known.image_id):
            found.part(name, part, given[name], run)
            found.learn(name)
    if "seed_image" in found.results and "group" in given and not selected(TAGS["group"], *tags):
        found.part("group", replace(every["group"], run=group.judge_bake), given["group"], run)
        found.results.pop("group", None)
    return found


def _of_nodes(profile: Params, region: str) -> str:
    """The name of a profile with these options."""
    return str(profile.get("name") or name_of(str(profile.get("stack")), region))


def _look(found: Validation, given: Mapping[str, Params], run: Run) -> None:
    """Looks for the image by its name, and keeps the names by which later parts mean what is made in this run."""
    groups, image_given = given.get("security_groups", {}).get("groups") or (), given.get("image", {})
    name, profile = image_given.get("name"), given.get("node_profile")
    found.known = Known(
        name,
        own=frozenset(str(one.get("name")) for one in groups),
        instance_profile=_of_nodes(profile, run.aws.region) if profile else None,
    )
    try:
        images = _images.read_by_name(run.aws, name, None) if name else []
    except Failure as failure:
        found.refuse(failure, image_given.get("variables") or {})
    else:
        there = next((one.image_id for one in images if one.state in (*USABLE, *COMING)), None)
        found.known = replace(found.known, image_id=there)
