"""Zones and victims, as the Auto Scaling guide tells them."""

from __future__ import annotations

from lab.autoscaling.placement import Candidate, unbalanced, victims, zone_for_launch

ZONES = ("a", "b", "c")


def test_the_emptiest_zone_is_next_the_first_named_among_equals() -> None:
    assert zone_for_launch(ZONES, []) == "a"
    assert zone_for_launch(ZONES, ["a"]) == "b"
    assert zone_for_launch(ZONES, ["a", "b", "c", "a"]) == "b"
    assert zone_for_launch(ZONES, ["a", "b"], frozenset("c")) == "a"
    assert zone_for_launch(ZONES, [], frozenset(ZONES)) is None


def test_unbalanced_by_more_than_one_or_by_a_zone_that_left() -> None:
    assert unbalanced(ZONES, ["a", "b"]) is None
    assert unbalanced(ZONES, ["a", "a", "b"]) == ("a", "c")
    assert unbalanced(("a", "b"), ["a", "b", "c"]) == ("c", "a")


def node(name: str, zone: str = "a", at: float = 0, version: int = 1, **kwargs: bool) -> Candidate:
    return Candidate(name, zone, at, (0, "lt", version), **kwargs)


def test_default_policy_takes_the_fullest_zone_then_the_oldest_template() -> None:
    members = [node("1", "a"), node("2", "b", version=2), node("3", "b", version=1)]
    assert victims(members, 1, ["Default"], 100) == ("3",)
    assert victims(members, 2, ["Default"], 100) == ("3", "1")


def test_default_policy_takes_configurations_before_templates() -> None:
    members = [node("lt"), node("lc", version=9, from_configuration=True)]
    assert victims(members, 1, ["Default"], 0) == ("lc",)


def test_default_policy_takes_the_closest_to_the_next_hour() -> None:
    assert victims([node("young", at=3000), node("old", at=500)], 1, ["Default"], 4000) == ("old",)
    assert victims([node("young", at=3000), node("old", at=500)], 1, ["Default"], 4200) == ("young",)


def test_protected_members_are_never_chosen() -> None:
    members = [node("1", protected=True), node("2", protected=True), node("3", "b")]
    assert victims(members, 2, ["Default"], 0) == ("3",)


def test_the_unhealthy_go_first() -> None:
    assert victims([node("1"), node("2"), node("sick", "b", healthy=False)], 1, ["Default"], 0) == ("sick",)


def test_oldest_and_newest_instance() -> None:
    members = [node("old", at=1), node("mid", at=2), node("new", at=3)]
    assert victims(members, 1, ["OldestInstance"], 10) == ("old",)
    assert victims(members, 1, ["NewestInstance"], 10) == ("new",)
