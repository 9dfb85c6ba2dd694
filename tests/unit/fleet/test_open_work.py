"""H8: while a rollout or a drain is open, a group is not changed beneath it, and the refusal says how to go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._fleet import moves as _fleet
from plugins.module_utils._fleet import show as _show
from plugins.module_utils._fleet.value import Fleet
from plugins.module_utils._group.journal import ROLLOUT, Journal
from plugins.module_utils._group.value import Tag
from tests.unit.fleet.test_moves import EMPTY, OPTIONS, OUT, numbered, walk, want

AT = 1_795_000_000.0
ROLLING = Journal(AT, source="1", target="2", desired=2, max_size=4, surge=1).text()
JOURNALS = {
    "rollout": (ROLLING, "a rollout of group 'wcs' from version 1 to 2 is open", "Run update again to go on, or with"),
    "back": (
        Journal(AT, source="1", target="2", phase="back", why="no session").text(),
        "is being taken back since",
        "Run update to go on",
    ),
    "drain": (Journal(AT).text(), "a drain of group 'wcs' is open since", "Run scale_in again to go on, or with"),
    "unreadable": ("nonsense", "its tag cannot be read", f"Remove the tag {ROLLOUT}"),
}
CHANGES: dict[str, dict[str, Any]] = {
    "launch": {"launch": {**OPTIONS["launch"], "instance_type": "c5.xlarge"}},
    "image": {"launch": {**OPTIONS["launch"], "image_id": "ami-2"}},
    "min_size": {"min_size": 1},
    "subnets": {"subnets": ["subnet-1", "subnet-2"]},
    "grace": {"health_check_grace_period": 77},
    "policies": {"scaling_policies": [OUT]},
    "tags": {"tags": {"team": "media"}},
    "balancers": {"load_balancers": ["wcs", "other"]},
    "processes": {"suspended_processes": ["AlarmNotification"]},
}


def steered(journal: str) -> Fleet:
    have = numbered(walk(EMPTY, want())[1])
    assert have.group is not None
    return replace(have, group=replace(have.group, tags={**have.group.tags, ROLLOUT: Tag(journal)}))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", JOURNALS)
def test_h8_no_change_is_made_beneath_open_work(kind: str, change: str) -> None:
    journal, what, way = JOURNALS[kind]
    refusal = _fleet.refuse(steered(journal), want(**CHANGES[change]))
    assert refusal is not None
    assert what in refusal.reason
    assert refusal.reason.endswith("and this run would change the group meanwhile")
    assert refusal.way_out.startswith(way)


@pytest.mark.parametrize("kind", JOURNALS)
def test_h8_a_run_with_nothing_to_do_says_what_is_open(kind: str) -> None:
    journal, what, _ = JOURNALS[kind]
    assert _fleet.refuse(steered(journal), want()) is None
    (said,) = _show.notices(steered(journal), want())
    assert what.lower() in said.lower()


@pytest.mark.parametrize("change", ["launch", "image", "min_size"])
def test_h8_update_goes_on_with_its_own_rollout(change: str) -> None:
    launch = {**OPTIONS["launch"], **CHANGES[change].get("launch", {}), "apply": "rollout"}
    own = want(**{**CHANGES[change], "launch": launch})
    assert _fleet.refuse(steered(ROLLING), own) is None
    assert _show.notices(steered(ROLLING), own) == []
    assert _fleet.refuse(steered(JOURNALS["drain"][0]), own) is not None


def test_h8_a_group_may_be_removed_whatever_is_open() -> None:
    assert _fleet.refuse(steered(ROLLING), None) is None
