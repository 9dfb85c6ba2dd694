"""wcs_price_info where AWS's price list is not to be had: it says why, and does not fail."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.module import Run
from plugins.module_utils._money.options import costed
from plugins.modules.wcs_price_info import ARGUMENTS, look
from tests.support.harness import LabClock


def asked(lab: Any, aws: Any) -> dict[str, Any]:
    clock = LabClock(lab)
    api = Aws(lambda service, other: aws(service, other or lab.region), clock, region=lab.region)
    params = {name: option.get("default") for name, option in ARGUMENTS.items()} | {"instance_types": ["c5.large"]}
    return look(params, Run(api, clock))


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (None, 400),
        ("AccessDeniedException", 400),
        ("ThrottlingException", 400),
        ("InternalErrorException", 500),
        ("", 500),
    ],
)
def test_the_reason_is_said_and_the_table_counts(lab: Any, aws: Any, code: str | None, status: int) -> None:
    if code is not None:
        lab.faults.add("error-before", count=None, code=code, status=status, message="Not now")
    answer = asked(lab, aws)
    assert (answer["prices"], answer["region"]) == ({}, lab.region)
    assert (code or {400: "LabCannotAnswer", 500: "(500)"}[status]) in answer["refused"]
    members = [{"instance_id": "i-1", "instance_type": "c5.large"}]
    group = {"group": {"desired_capacity": 1, "max_size": 1, "instances": members}}
    found = costed({"costs": {"group": group, "region": lab.region}, "listed_prices": answer}) or {}
    assert found["hour_now"] == 0.085
    assert found["source"] == f"the table of 2025-06 (AWS's price list: {answer['refused']})"
