from __future__ import annotations

import pytest

from plugins.module_utils._core import tags as _tags

OURS = {"webcallserver.aws:stack": "wcs"}


@pytest.mark.parametrize(
    ("have", "want", "purge", "aim"),
    [
        ({}, None, True, OURS),
        ({"a": "1"}, None, True, {"a": "1", **OURS}),
        ({"a": "1"}, {}, True, OURS),
        ({"a": "1"}, {"b": "2"}, False, {"a": "1", "b": "2", **OURS}),
        ({"a": "1", "aws:x": "y"}, {"b": "2"}, True, {"aws:x": "y", "b": "2", **OURS}),
        ({"webcallserver.aws:rollout": "j"}, {}, True, {"webcallserver.aws:rollout": "j", **OURS}),
    ],
)
def test_aimed(have: dict[str, str], want: dict[str, str] | None, purge: bool, aim: dict[str, str]) -> None:
    assert _tags.aimed(have, want, purge, OURS) == aim
    after = {k: v for k, v in have.items() if k not in _tags.removed(have, aim)} | _tags.added(have, aim)
    assert after == aim


@pytest.mark.parametrize(
    ("tags", "limit", "words"),
    [
        ({"webcallserver.aws:stack": "x"}, 50, "reserved"),
        ({"aws:x": "x"}, 50, "reserved"),
        ({"k" * 129: "x"}, 50, "1 to 128"),
        ({"": "x"}, 50, "1 to 128"),
        ({"k": "v" * 257}, 50, "at most 256"),
        ({str(n): "v" for n in range(9)}, 8, "O(tags) has 9 tags, and there is room for 8"),
    ],
)
def test_problems(tags: dict[str, str], limit: int, words: str) -> None:
    assert words in (_tags.problem(tags, limit) or "")


def test_no_problem() -> None:
    assert _tags.problem(None) is None
    assert _tags.problem({"k" * 128: "v" * 256}) is None


def test_shapes() -> None:
    assert _tags.to_aws({"b": "2", "a": "1"}) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    assert _tags.from_aws([{"Key": "a", "Value": "1"}, {"Key": "b"}]) == {"a": "1", "b": ""}
    assert _tags.from_aws(None) == {}
