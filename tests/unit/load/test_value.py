"""What was seen under load, and what that says of a group's scaling."""

from __future__ import annotations

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._load.options import ARGUMENTS, wanted
from plugins.module_utils._load.rules import refuse
from plugins.module_utils._load.value import Load, Look, SeenNode, grown, table, verdict
from plugins.module_utils._nodes.members import AskedNode, NodeSet

OLD = SeenNode("i-1", True, 40, 8, 70.0)
NEW = SeenNode("i-2", True, 10, 0, 5.0)
IDLE = SeenNode("i-2", True, 0, 0, 5.0)
COMING = SeenNode("i-2", False)
ALARM = ("TargetTracking-wcs-AlarmHigh-1",)
BEFORE = {"i-1"}


def look(at: float, desired: int, *nodes: SeenNode, alarms: tuple[str, ...] = (), most: int = 4) -> Look:
    return Look(at, desired, most, nodes, alarms)


START = look(0, 1, OLD)


@pytest.mark.parametrize(
    ("looks", "opened", "found", "why"),
    [
        ((START, look(250, 2, OLD, NEW)), True, "grown", "1 new node in service after 4 min 10 s, with 10 sessions"),
        ((START, look(250, 2, OLD, IDLE)), False, "grown", "1 new node in service after 4 min 10 s"),
        ((START, look(250, 2, OLD, IDLE)), True, "idle", "no new session reached i-2"),
        ((START, look(250, 2, OLD, COMING)), True, "coming", "rose from 1 to 2, and no new node serves yet"),
        ((START, look(250, 1, OLD, alarms=ALARM)), True, "unmoved", "rang, and the desired capacity stayed at 1"),
        ((START, look(250, 1, OLD)), True, "unmoved", "no alarm of its policies rang; the CPU reached 70 %"),
        ((look(0, 1, SeenNode("i-1", True)),), True, "unmoved", "no alarm of its policies rang"),
        ((look(0, 4, OLD), look(9, 4, OLD, alarms=ALARM)), True, "unmoved", "its maximum size, 4, from the start"),
    ],
)  # fmt: skip
def test_what_the_looks_say(looks: tuple[Look, ...], opened: bool, found: str, why: str) -> None:
    answer, reason = verdict(looks, BEFORE, opened)
    assert answer == found
    assert why in reason


@pytest.mark.parametrize(
    ("seen", "answer"),
    [
        (START, False),
        (look(9, 2, OLD, NEW), True),
        (look(9, 2, OLD, IDLE), False),
        (look(9, 3, OLD, NEW), False),  # one more is wanted
        (look(9, 2, OLD, COMING), False),
    ],
)
def test_it_has_grown_once_new_nodes_have_sessions(seen: Look, answer: bool) -> None:
    assert grown(seen, BEFORE, opened=True) is answer
    assert grown(seen, BEFORE, opened=False) is bool(seen.new(BEFORE))


def test_the_table_fits_a_terminal_and_tells_what_changed() -> None:
    same = look(10, 1, OLD)
    lines = table([START, same, same, look(3700, 2, OLD, NEW, alarms=ALARM * 3), look(3710, 2, OLD, NEW)])
    assert lines == [
        "        time  nodes  sessions  streams    CPU  alarms",
        "         0 s    1/1        40        8   70 %",
        "   1 h 1 min    2/2        50        8   38 %  TargetTracking-wcs-AlarmHigh-1, T",
        "   1 h 1 min    2/2        50        8   38 %",
    ]
    assert max(map(len, lines)) <= 80


GIVEN = {name: option.get("default") for name, option in ARGUMENTS.items()} | {"group_name": "wcs"}
BOUNDS = {"max_body": 1024, "concurrency": 64}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"sessions": 0, "mixers": 0}, "sessions and mixers are both 0"),
        ({"mixers": 50, "streams": 5}, "mixers 50 of streams 5 are more than 200 streams a node"),
        ({"sessions": 10_001}, "10001 is not between 0 and 10000"),
        ({"duration": 8000.0}, "8000 is not between 10 and 7200"),
        (
            {"sessions": 10_000, "rate": 0.1},
            "10000 sessions at rate 0.1 take 27 h 46 min to open, and duration is 15 min 0 s",
        ),
        ({"interval": 0.0}, "0 is not between 1 and 300"),
    ],
)
def test_load_that_makes_no_sense_is_refused(more: dict[str, object], words: str) -> None:
    with pytest.raises(Failure, match="Cannot") as refused:
        wanted({**GIVEN, **BOUNDS, **more})
    assert words in str(refused.value)


NODE = AskedNode("127.0.0.1", "i-1")


@pytest.mark.parametrize(
    ("nodes", "more", "words"),
    [
        ((NODE,), {"confirm": True}, None),
        ((NODE,), {}, "load takes room from those who use it, and new nodes cost money"),
        ((), {"confirm": True}, "it has no node in service"),
        ((NODE, AskedNode(None, "i-2")), {"confirm": True}, "i-2 has no public address"),
        ((NODE,), {"confirm": True, "licence_limit": 4}, "4 nodes at most + 1 seed = 5 licences"),
        ((NODE,), {"confirm": True, "licence_limit": 5}, None),
        ((NODE,), {"confirm": True, "licence_limit": 4, "licence_allow_over": True}, None),
    ],
)
def test_a_fleet_is_loaded_only_on_request_and_within_the_licences(
    nodes: tuple[AskedNode, ...], more: dict[str, object], words: str | None
) -> None:
    refused = refuse({**GIVEN, **more}, NodeSet(nodes), 4, 1)
    assert (words in str(refused)) if words else refused is None


def test_it_says_what_is_started() -> None:
    assert (
        Load(100, 2, 4, 900).text(3) == "100 sessions and 2 mixers of 4 streams on each node (3) for 15 min 0 s at most"
    )
    assert Load(1, 0, 4, 60).text(3) == "1 session for 1 min 0 s at most"
