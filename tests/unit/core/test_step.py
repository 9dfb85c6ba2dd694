"""The vocabulary of plans."""

from __future__ import annotations

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import LATER, Ref, resolved


def test_refs_are_resolved_deep_or_refused() -> None:
    ref = Ref("policy", "cpu", "arn")
    assert resolved({"a": [{"b": ref}], "c": (1, ref)}, {ref: "x"}) == {"a": [{"b": "x"}], "c": [1, "x"]}
    for known in ({}, {ref: LATER}, {ref: None}):
        with pytest.raises(Failure, match="Cannot use policy 'cpu': AWS did not return its arn"):
            resolved({"a": ref}, known)
