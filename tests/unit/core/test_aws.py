"""What is repeated, read page by page and learnt; botocore's client is one that answers from a list."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions

from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.aws_errors import THROTTLED
from plugins.module_utils._core.errors import AlreadyThere, Failure, LostReply
from plugins.module_utils._core.step import Ref, Step
from tests.unit.core.answers import URL, answered
from tests.unit.core.test_converge import Time


class Client:
    """A client that answers from a list."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.calls = list(answers), 0

    def _make_api_call(self, _operation: str, _args: Any) -> Any:
        self.calls += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def api(client: Client) -> tuple[Aws, Time]:
    time = Time()
    return Aws(lambda _service, _region: client, time), time


@pytest.mark.parametrize("code", sorted(THROTTLED))
def test_throttling_is_waited_out(code: str) -> None:
    client = Client(answered(code), answered(code), {"Images": []})
    aws, _ = api(client)
    assert aws.read("ec2", "DescribeImages") == {"Images": []}
    assert client.calls == 3


def test_throttling_without_end_gives_up_within_a_minute() -> None:
    aws, time = api(Client(answered("Throttling", "Rate exceeded")))
    with pytest.raises(Failure, match=r"Rate exceeded \(Throttling\)\. Run again later"):
        aws.read("ec2", "DescribeImages")
    assert time.now() <= 60


STEP = Step(
    "ec2",
    "CreateImage",
    ("image", "wcs"),
    {"Name": "wcs"},
    learns={Ref("image", "wcs", "id"): "ImageId"},
    exists=("InvalidAMIName.Duplicate",),
    gone=("InvalidAMIID.Unavailable",),
)


def test_a_write_that_may_have_happened_is_not_repeated() -> None:
    client = Client(exceptions.ConnectionClosedError(endpoint_url=URL), {"ImageId": "ami-1"})
    aws, _ = api(client)
    with pytest.raises(LostReply, match="Cannot create image 'wcs': the connection was cut"):
        aws.write(STEP, {})
    assert client.calls == 1


def test_a_write_that_is_safe_to_repeat_is_repeated() -> None:
    client = Client(exceptions.ConnectionClosedError(endpoint_url=URL), {"ImageId": "ami-1"})
    aws, _ = api(client)
    safe = Step("ec2", "CreateTags", ("image", "wcs"), {}, lost="repeat")
    assert aws.write(safe, {}) == {}
    assert client.calls == 2


def test_what_a_write_learns_and_means() -> None:
    assert api(Client({"ImageId": "ami-1"}))[0].write(STEP, {}) == {Ref("image", "wcs", "id"): "ami-1"}
    assert api(Client(answered("InvalidAMIID.Unavailable")))[0].write(STEP, {}) == {}
    with pytest.raises(AlreadyThere, match="Cannot create image 'wcs'"):
        api(Client(answered("InvalidAMIName.Duplicate")))[0].write(STEP, {})


def test_paging_goes_on_until_there_is_no_token() -> None:
    client = Client(
        {"Things": [1], "NextToken": "a"}, {"Things": [], "NextToken": "b"}, {"NextMarker": "c"}, {"Things": [2]}
    )
    assert api(client)[0].pages("ec2", "DescribeThings", "Things") == [1, 2]


def test_no_page_more_than_is_wanted() -> None:
    client = Client({"Things": [], "NextToken": "a"}, {"Things": [1, 2], "NextToken": "b"}, AssertionError("too many"))
    assert api(client)[0].pages("ec2", "DescribeThings", "Things", enough=2) == [1, 2]
    assert client.calls == 2
