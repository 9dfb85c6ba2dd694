"""Whether policies allow an action. IAM user guide, "Policy evaluation logic"."""

from __future__ import annotations

import pytest

from lab.core.errors import Refused
from lab.iam.judging import allows

PUT = "cloudwatch:PutMetricData"
WCS = {"cloudwatch:namespace": "WCS"}


def statement(effect: str = "Allow", action: object = PUT, **more: object) -> dict[str, object]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


ONLY_WCS = {"StringEquals": {"cloudwatch:namespace": "WCS"}}
TABLE = [
    ([], False),
    ([statement()], True),
    ([statement(action="cloudwatch:*")], True),
    ([statement(action=["ec2:*", "CLOUDWATCH:putmetricdata"])], True),
    ([statement(action="cloudwatch:GetMetricData")], False),
    ([statement(), statement("Deny")], False),
    ([statement("Deny")], False),
    ([statement(Condition=ONLY_WCS)], True),
    ([statement(Condition={"StringEquals": {"cloudwatch:Namespace": ["A", "WCS"]}})], True),
    ([statement(Condition={"StringEquals": {"cloudwatch:namespace": "Other"}})], False),
    ([statement(Condition={"StringLike": {"cloudwatch:namespace": "W*"}})], True),
    ([statement(Condition={"StringNotEquals": {"cloudwatch:namespace": "WCS"}})], False),
    ([statement(Condition={"StringEquals": {"aws:unknown": "WCS"}})], False),
    ([statement(Condition={**ONLY_WCS, "StringLike": {"cloudwatch:namespace": "x"}})], False),
]


@pytest.mark.parametrize(("statements", "allowed"), TABLE)
def test_judged(statements: list[dict[str, object]], allowed: bool) -> None:
    assert allows([{"Statement": statements}], PUT, WCS) is allowed
    assert allows([{"Statement": one} for one in statements], PUT, WCS) is allowed


@pytest.mark.parametrize(
    "odd",
    [
        {"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"},
        statement(Resource="arn:aws:s3:::x"),
        statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    ],
)
def test_what_the_lab_cannot_judge_it_says(odd: dict[str, object]) -> None:
    with pytest.raises(Refused, match="LabCannotJudge"):
        allows([{"Statement": [odd]}], PUT, WCS)
