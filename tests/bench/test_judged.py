"""How soon `site` refuses what is wrong with a live stack, while clients hold sessions: from its start to its end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import pytest

from tests.bench.results import PAIRS, busy
from tests.long.test_judged import HELD, REASONS, VARIABLES, used, wrong
from tests.support.capacity import address
from tests.support.crowd import crowd
from tests.support.playbooks import Stage, stage

WITHIN = 10.0
"""Seconds by the clock; where others take part of the machine, of processor time."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("judged")
    with stage(folder / ".lab") as lab:
        built = lab.play("site", **VARIABLES)
        assert built.code == 0, built.failure or built.text
        with crowd(address(lab), folder / "log", sessions=HELD, endless=HELD):
            yield lab


def test_h1_h2_h5_are_refused_within_ten_seconds(live: Stage, parts: dict[str, str]) -> None:
    lasted: dict[str, list[float]] = {case: [] for case in REASONS}
    spent: dict[str, list[float]] = {case: [] for case in REASONS}
    for _ in range(PAIRS):
        for case, reason in REASONS.items():
            given = VARIABLES | wrong(case, live)
            began, before = time.monotonic(), used()
            refused = live.play("site", **given)
            lasted[case].append(time.monotonic() - began)
            spent[case].append(used() - before)
            assert (refused.code, reason in refused.failure) == (2, True), refused.failure
    figures = [
        f"{case.replace('_', ' ')} {median(rows):.1f} s ({median(spent[case]):.1f} s of processor time)"
        for case, rows in lasted.items()
    ]
    parts["judged"] = (
        f"\n## What is wrong with a live stack, refused by `site` while {HELD} sessions are held\n\n"
        f"From its start to its end: {', '.join(figures)}.\n"
    )
    print(parts["judged"])
    assert max(median(rows) for rows in (spent if busy() else lasted).values()) <= WITHIN
