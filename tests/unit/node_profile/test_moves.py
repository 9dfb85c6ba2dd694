"""Role and instance profile of nodes: what is refused, and in which order they come, change and go."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import Step, steps_of
from plugins.module_utils._node_profile import moves as _node_profile
from plugins.module_utils._node_profile.options import warnings
from plugins.module_utils._node_profile.value import (
    POLICY,
    InstanceProfile,
    NodeProfile,
    NodeRole,
    WantedNodeProfile,
    name_of,
    says_the_same,
    trust_of,
)

NAME, REGION = "wcs-node-eu-west-1", "eu-west-1"
MARK = {"webcallserver.aws:stack": "wcs"}
WANT = WantedNodeProfile()
ROLE = NodeRole("arn:role", trust_of(REGION), POLICY, MARK, inline=("publish",))
PROFILE = InstanceProfile("arn:profile", (NAME,), MARK)
NOTHING = NodeProfile(NAME, "wcs", REGION)
WHOLE = replace(NOTHING, role=ROLE, profile=PROFILE)
MAKE_ROLE, MAKE_PROFILE = ["CreateRole", "PutRolePolicy"], ["CreateInstanceProfile"]
HAND_OVER = ["AddRoleToInstanceProfile"]


def steps(have: NodeProfile, want: WantedNodeProfile | None) -> tuple[Step, ...]:
    return steps_of(course(_node_profile, have, want)[0])


def written(have: NodeProfile, want: WantedNodeProfile | None) -> list[str]:
    return [step.operation for step in steps(have, want)]


def refused(have: NodeProfile, want: WantedNodeProfile | None = WANT) -> str:
    refusal = _node_profile.refuse(have, want)
    return refusal.sentence() if refusal else ""


HALF_MADE: dict[str, tuple[NodeProfile, list[str]]] = {
    "nothing": (NOTHING, MAKE_ROLE + MAKE_PROFILE + HAND_OVER),
    "a role without its policy": (
        replace(NOTHING, role=replace(ROLE, policy=None)),
        ["PutRolePolicy", *MAKE_PROFILE, *HAND_OVER],
    ),
    "a role": (replace(NOTHING, role=ROLE), MAKE_PROFILE + HAND_OVER),
    "a profile without the role": (replace(WHOLE, profile=replace(PROFILE, roles=())), HAND_OVER),
    "a profile alone": (replace(NOTHING, profile=replace(PROFILE, roles=())), MAKE_ROLE + HAND_OVER),
    "all of it": (WHOLE, []),
}


@pytest.mark.parametrize("case", HALF_MADE)
def test_what_is_half_made_is_finished_and_what_is_half_gone_goes(case: str) -> None:
    have, calls = HALF_MADE[case]
    assert written(have, WANT) == calls
    gone = [one for one in ("RemoveRoleFromInstanceProfile",) if have.profile and have.profile.roles]
    gone += ["DeleteInstanceProfile"] if have.profile else []
    gone += ["DeleteRolePolicy", "DeleteRole"] if have.role else []
    assert written(have, None) == gone


CHANGED: dict[str, tuple[NodeRole, list[str]]] = {
    "others may have the role": (replace(ROLE, trust={"Statement": []}), ["UpdateAssumeRolePolicy"]),
    "it may do other things": (replace(ROLE, policy={"Statement": []}), ["PutRolePolicy"]),
    "the same in other words": (
        replace(ROLE, trust=json.loads(json.dumps(trust_of(REGION)).replace('"sts:AssumeRole"', '["sts:AssumeRole"]'))),
        [],
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_differs_is_mended_and_nothing_else(case: str) -> None:
    role, calls = CHANGED[case]
    assert written(replace(WHOLE, role=role), WANT) == calls


TAGGED: dict[str, tuple[dict[str, str], WantedNodeProfile, dict[str, str]]] = {
    "left out": ({"Team": "a"}, WantedNodeProfile(), {"Team": "a"}),
    "more": ({"Team": "a"}, WantedNodeProfile({"Team": "a", "Cost": "7"}), {"Team": "a", "Cost": "7"}),
    "others go": ({"Team": "a"}, WantedNodeProfile({"Cost": "7"}), {"Cost": "7"}),
    "others stay": ({"Team": "a"}, WantedNodeProfile({"Cost": "7"}, purge_tags=False), {"Team": "a", "Cost": "7"}),
    "none": ({"Team": "a"}, WantedNodeProfile({}), {}),
    "another case": ({"team": "a"}, WantedNodeProfile({"Team": "a"}, purge_tags=False), {"Team": "a"}),
}


@pytest.mark.parametrize("case", TAGGED)
def test_both_get_the_tags(case: str) -> None:
    tags, want, answer = TAGGED[case]
    have = replace(WHOLE, role=replace(ROLE, tags=MARK | tags), profile=replace(PROFILE, tags=MARK | tags))
    end = course(_node_profile, have, want)[1]
    assert end.role is not None
    assert end.profile is not None
    assert end.role.tags == end.profile.tags == MARK | answer
    assert not [step for step in steps(have, want) if "Tags" in step.args and not step.args["Tags"]]


def test_a_key_that_comes_back_in_other_letters_goes_first() -> None:
    """TagRole would write the tag that is there, and UntagRole after it would take it away."""
    have = replace(WHOLE, role=replace(ROLE, tags=MARK | {"team": "a"}))
    assert written(have, WantedNodeProfile({"Team": "a"}))[:2] == ["UntagRole", "TagRole"]


def test_with_a_role_go_all_its_policies_and_an_attached_one_stays() -> None:
    """SSM's quick setup attaches its own to every role of instances: a teardown has to end nevertheless."""
    role = replace(
        ROLE, inline=("debug", "publish"), attached=("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",)
    )
    assert written(replace(WHOLE, role=role), None) == [
        "RemoveRoleFromInstanceProfile",
        "DeleteInstanceProfile",
        "DetachRolePolicy",
        "DeleteRolePolicy",
        "DeleteRolePolicy",
        "DeleteRole",
    ]


STRANGE: dict[str, dict[str, Any]] = {
    "a role": {"role": replace(ROLE, tags={})},
    "another stack's role": {"role": replace(ROLE, tags={"webcallserver.aws:stack": "other"})},
    "an instance profile": {"role": None, "profile": replace(PROFILE, roles=(), tags={"Team": "a"})},
}


@pytest.mark.parametrize("case", STRANGE)
def test_what_is_not_ours_is_refused_unless_adopted_and_never_removed(case: str) -> None:
    have = replace(WHOLE, **STRANGE[case])
    assert "is not tagged webcallserver.aws:stack=wcs, so it is not managed by this collection" in refused(have)
    assert refused(replace(have, adopt=True)) == ""
    first = steps(replace(have, adopt=True), WANT)[0]
    assert first.operation in ("TagRole", "CreateRole"), "an adopted one is ours before it is changed"
    left = course(_node_profile, have, None)[1]
    mine = {"role": left.own_role, "profile": left.own_profile}
    assert list(mine.values()) == [None, None]
    assert len(list(warnings(left, None))) == sum(one is not None for one in (left.role, left.profile)) > 0


def test_a_profile_keeps_the_role_that_somebody_gave_it() -> None:
    have = replace(WHOLE, profile=replace(PROFILE, roles=("theirs",)))
    assert refused(have).startswith(f"Cannot change instance profile '{NAME}': it has the role 'theirs'")
    assert written(have, None)[0] == "RemoveRoleFromInstanceProfile"


def test_a_role_that_another_profile_has_is_not_removed() -> None:
    have = replace(WHOLE, holders=("shop",))
    assert refused(have, None).startswith(f"Cannot delete role '{NAME}': instance profile 'shop' has it, too.")
    assert refused(have) == ""


@pytest.mark.parametrize(
    ("name", "tags", "reason"),
    [
        ("", {}, "a name has 1 to 64"),
        ("x" * 65, {}, "a name has 1 to 64"),
        ("my node", {}, "a name has 1 to 64"),
        (NAME, {"aws:x": "1"}, "begins with a reserved prefix"),
        (NAME, {f"k{number}": "" for number in range(50)}, "has 50 tags, and there is room for 49"),
        (NAME, {"Team": "a", "team": "b"}, "the tag keys 'Team' and 'team' in tags are one key to IAM"),
        (NAME, {"Team": "R&D"}, "the tag 'Team' in tags has characters that IAM refuses"),
        (NAME, {"Team, too": "x"}, "the tag 'Team, too' in tags has characters that IAM refuses"),
    ],
)
def test_what_iam_would_refuse_is_refused_before_the_first_call(name: str, tags: dict[str, str], reason: str) -> None:
    assert reason in refused(replace(NOTHING, name=name), WantedNodeProfile(tags))


def test_what_iam_takes_is_taken() -> None:
    assert refused(NOTHING, WantedNodeProfile({"Größe": "a b/c:d=e+f-g@h.i_j", "empty": ""})) == ""


def test_in_china_the_service_has_another_name() -> None:
    def service(region: str) -> str:
        return str(trust_of(region)["Statement"][0]["Principal"]["Service"])

    assert (service("eu-west-1"), service("cn-north-1")) == ("ec2.amazonaws.com", "ec2.amazonaws.com.cn")
    assert name_of("wcs", "cn-north-1") == "wcs-node-cn-north-1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["a"], "a", True),
        ({"x": ["a", "b"]}, {"x": ["b", "a"]}, True),
        ({"x": [{"y": ["a"]}]}, {"x": {"y": "a"}}, True),
        ({"x": "a"}, {"x": "b"}, False),
        ({"x": "a"}, {"x": "a", "y": "b"}, False),
        (None, {}, False),
        (["a", "a"], "a", False),
    ],
)
def test_documents_that_mean_the_same(one: Any, other: Any, same: bool) -> None:
    assert says_the_same(one, other) is same


# The kind: whatever there is


def states(seed: int) -> tuple[NodeProfile, WantedNodeProfile | None]:
    rng = random.Random(seed)

    def tags() -> dict[str, str]:
        keys = rng.sample(["Team", "team", "Cost", "aws:x", *MARK], rng.randint(0, 3))
        return {key: MARK.get(key, rng.choice("ab")) for key in keys}

    role = NodeRole(
        "arn",
        rng.choice([{}, trust_of(REGION), trust_of("cn-north-1")]),
        rng.choice([None, POLICY, {"Statement": []}]),
        tags(),
        tuple(rng.sample(["publish", "x", "y"], rng.randint(0, 3))),
        tuple(rng.sample(["arn:1", "arn:2"], rng.randint(0, 2))),
    )
    profile = InstanceProfile("arn", rng.choice([(), (NAME,)]), tags())
    wanted = {key: rng.choice("ab") for key in rng.sample(["Team", "Cost", "Name"], rng.randint(0, 3))}
    want = WantedNodeProfile(rng.choice([None, wanted]), rng.choice([True, False]))
    have = NodeProfile(NAME, "wcs", REGION, True, rng.choice([None, role]), rng.choice([None, profile]))
    return have, rng.choice([want, want, None])


@pytest.mark.parametrize("seed", range(300))
def test_every_course_ends_where_it_should_and_so_does_one_that_is_cut_anywhere(seed: int) -> None:
    have, want = states(seed)
    moves, end = course(_node_profile, have, want)
    if want is None:
        assert (end.role, end.profile) == (None, None)
    else:
        assert end.role is not None
        assert end.profile is not None
        assert says_the_same(end.role.policy, POLICY)
        assert end.profile.roles == (NAME,)
        assert MARK.items() <= end.role.tags.items()
        assert {key.casefold() for key in want.tags or ()} <= {key.casefold() for key in end.profile.tags}
    for killed in range(len(moves)):
        half = have
        for step in steps_of(moves[:killed]):
            half = _node_profile.foresee(half, step)
        assert [step.action for step in steps(half, want)] == [step.action for step in steps_of(moves[killed:])]
        left = [half.role, half.profile] if want is None else []
        assert want is not None or any(left), "nothing is left that the next run would not find"


def test_every_call_has_an_effect_that_is_foreseen() -> None:
    """Of each state each call that leads on changes it."""
    for case, want in product(HALF_MADE, (WANT, None, WantedNodeProfile({"a": "b"}))):
        have = HALF_MADE[case][0]
        for step in steps(have, want):
            after = _node_profile.foresee(have, step)
            assert after != have, step
            have = after
