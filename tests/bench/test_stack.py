"""The same stack with the modules of amazon.aws and with ours, on the same lab, in turn."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import results
from tests.bench.results import PAIRS
from tests.bench.stage import Account, Cost, at_once, running
from tests.support.waiting import until

SIDES = ("amazon", "ours")
Beats = dict[str, tuple[str, list[str]]]
"""The beats of a stack's life: what of the plays is run, and with which options."""
CREATE, RERUN, CHECK, TEARDOWN = "create", "rerun, nothing to do", "check, nothing to do", "teardown"


def lives(
    accounts: Mapping[str, Account], beats: Beats, name: str = "{side}", **given: Any
) -> dict[str, list[tuple[Cost, Cost]]]:
    """The costs of both sides by beat, PAIRS times in turn; who begins changes from pair to pair.

    `name` is that of a side's stack; with {number} in it each pair has its own.
    """
    found: dict[str, list[tuple[Cost, Cost]]] = defaultdict(list)
    for number in range(PAIRS):
        order = SIDES if number % 2 == 0 else SIDES[::-1]
        for beat, (suffix, options) in beats.items():
            cost = {
                side: accounts[side].play(side + suffix, *options, stack=name.format(side=side, number=number), **given)
                for side in order
            }
            found[beat].append((cost["amazon"], cost["ours"]))
            print(f"  {beat}: " + "; ".join(f"{side} {cost[side]}" for side in SIDES), flush=True)
    return dict(found)


def test_a_stack_from_its_creation_to_its_end(parts: dict[str, str], tmp_path: Path) -> None:
    beats: Beats = {CREATE: ("", []), RERUN: ("", []), CHECK: ("", ["--check"]), TEARDOWN: ("_down", [])}
    with running(tmp_path) as account:
        found = lives(dict.fromkeys(SIDES, account), beats)
    parts["waited"] = results.table("A stack on a lab that is up, every wait included", found)
    assert all(ours.writes == 0 for _, ours in found[RERUN] + found[CHECK])
    assert results.ratio(found[CREATE], "calls") <= 0.6  # each look of a wait is one, and a slow machine waits longer
    assert results.ratio(found[CREATE], results.seconds()) <= 0.5
    assert results.ratio(found[RERUN], "calls") <= 0.3
    assert results.ratio(found[RERUN], results.seconds()) <= 0.3


def test_the_same_without_waiting(parts: dict[str, str]) -> None:
    with at_once() as account:
        beats: Beats = {CREATE: ("", []), RERUN: ("", [])}
        found = lives(dict.fromkeys(SIDES, account), beats, "{side}{number}", wait=False)
    parts["at once"] = results.table("The same on an AWS that takes no time, nodes not waited for", found)
    assert results.ratio(found[CREATE], results.seconds()) <= 0.5
    assert results.ratio(found[RERUN], results.seconds()) <= 0.3


def test_500_nodes(parts: dict[str, str]) -> None:
    with at_once(speed=20) as one, at_once(speed=20) as other:  # 500 addresses each
        accounts = dict(zip(SIDES, (one, other), strict=True))
        for side, account in accounts.items():
            account.play(side, stack=side, size=500, wait=False)
            until(functools.partial(account.serves, side, 500), 300)
        found = lives(accounts, {RERUN: ("", [])}, size=500)
    parts["500"] = results.table("The same stack with 500 nodes", found)
    assert all(ours.calls <= 12 and ours.writes == 0 for _, ours in found[RERUN])
