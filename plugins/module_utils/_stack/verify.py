# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What wcs_verify makes of what was seen of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.plain import Item
from .._nodes.target import Target
from .._probe.messages import failures
from .._probe.value import Proof
from .checks import CheckedNode, Evidence, listening, members, notes, shown_demo, summary, table, versions
from .notices import launched_by

NOTHING: dict[str, Any] = {"verdict": None, "causes": [], "addresses": None, "freshness": [], "newer_base_image": None}
NOTHING_YET = "Sessions through the balancer would be opened, and counted on each node."


def nothing(name: str, lacking: str, check: bool) -> dict[str, Any]:
    """The answer where there is nothing to look at, which is an error unless a dry run made nothing."""
    if not check:
        reason = f"there is no {lacking} '{name}' of this stack"
        raise Failure(Refusal("verify", "the stack", name, reason, "Run the playbook site first"))
    return {"sound": None, "problems": [], "summary": NOTHING_YET, "table": [], **NOTHING}


def evidence(group: Item, balancer: Item, goal: Target, proof: Proof, ends: Sequence[float | str | None]) -> Evidence:
    """What was seen of the nodes of balancer and group, and of sessions; `ends` are theirs, and last the `goal`'s."""
    known = members(group)
    nodes = []
    for count, end in zip(proof.counts, ends[:-1], strict=True):
        lifecycle, version = known.pop(count.member.name, (None, None))
        nodes.append(CheckedNode(count.member.name, count.member.zone, lifecycle, version, count, end))
    zones = {one["instance_id"]: one["availability_zone"] for one in group["instances"]}
    nodes += [CheckedNode(name, zones[name], lifecycle, version, None) for name, (lifecycle, version) in known.items()]
    return Evidence(
        desired=group["desired_capacity"],
        version=launched_by(group),
        nodes=nodes,
        url=f"{goal.scheme}://{goal.authority}",
        load_balancer=balancer["load_balancer_name"],
        judged=proof.judged,
        asked=len(proof.sessions),
        held=sum(session.held for session in proof.sessions),
        certificate=ends[-1],
        errors=failures(proof.sessions),
        listener=listening(balancer, goal.port),
    )


def answer(seen: Evidence, proof: Proof, wrong: list[str]) -> dict[str, Any]:
    """Whether the stack is sound, and what is not."""
    more = (f"{words[:1].upper()}{words[1:]}." for words in (versions(seen), *notes(seen)) if words)
    well = " ".join(filter(None, [summary(seen), shown_demo(seen), *more]))
    return {
        "sound": not wrong,
        "problems": wrong,
        "summary": "; ".join(wrong) if wrong else well,
        "table": table(seen),
        "verdict": proof.judgement.verdict,
        "causes": [cause.show() for cause in proof.judgement.causes],
    }
