"""What becomes of what botocore raises; no call is made."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from plugins.module_utils._core.aws import THROTTLED, Aws, resolved, translated
from plugins.module_utils._core.errors import AlreadyThere, Failure, LostReply
from plugins.module_utils._core.step import LATER, Ref, Step
from tests.unit.core.test_converge import Time


def answered(code: str, message: str | None = "no", status: int = 400) -> exceptions.ClientError:
    error = {"Code": code} | ({"Message": message} if message is not None else {})
    return exceptions.ClientError(
        {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"}},  # type: ignore[typeddict-item]
        "CreateImage",
    )


URL = "http://127.0.0.1/"


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (answered("InvalidParameterValue", "Bad"), Failure, "Bad (InvalidParameterValue)"),
        (answered("InvalidSnapshot.NotFound", None), Failure, "AWS gave no reason (InvalidSnapshot.NotFound)"),
        (answered("InternalError", "oops", 500), LostReply, "oops (InternalError)"),
        (answered("500", "", 500), LostReply, "AWS gave no reason"),
        (answered("Throttling", "Rate exceeded", 503), Failure, "Rate exceeded"),
        (ResponseParserError("<html>"), LostReply, "the answer could not be read"),
        (exceptions.ConnectionClosedError(endpoint_url=URL), LostReply, "the connection was cut"),
        (exceptions.ReadTimeoutError(endpoint_url=URL), LostReply, "the connection was cut"),
        (exceptions.EndpointConnectionError(endpoint_url=URL), Failure, "Could not connect"),
        (exceptions.NoCredentialsError(), Failure, "Unable to locate credentials"),
        (exceptions.ParamValidationError(report="x is odd"), Failure, "x is odd"),
    ],
)
def test_translated(raised: Exception, kind: type[Exception], words: str) -> None:
    found = translated(raised, "ec2", "CreateImage")
    assert isinstance(found, kind)
    assert words in str(found)


@pytest.mark.parametrize(
    "raised",
    [
        exceptions.UnauthorizedSSOTokenError(),
        exceptions.SSOTokenLoadError(profile_name="wcs", error_msg="no token"),
        exceptions.TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
    ],
)
def test_o2_a_profile_whose_token_is_gone_is_told_how_to_sign_in(raised: Exception) -> None:
    assert "aws sso login" in str(translated(raised, "ec2", "CreateImage"))


def test_fields_of_an_answered_error() -> None:
    failure = translated(answered("UnauthorizedOperation"), "ec2", "CreateImage")
    assert isinstance(failure, Failure)
    assert failure.call.fields() == {
        "service": "ec2",
        "operation": "CreateImage",
        "code": "UnauthorizedOperation",
        "request_id": "r-1",
    }
    assert "Allow the action ec2:CreateImage" in str(failure)


def test_an_action_that_is_not_the_call_is_named_as_aws_names_it() -> None:
    text = "User: arn:aws:iam::1:user/u is not authorized to perform: ec2:CreateTags on resource: arn:aws:ec2:::image/*"
    answer = {"Error": {"Code": "UnauthorizedOperation", "Message": text}}
    failure = translated(exceptions.ClientError(answer, "CreateImage"), "ec2", "CreateImage")
    assert "Allow the action ec2:CreateTags to" in str(failure)


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


def test_refs_are_resolved_deep_or_refused() -> None:
    ref = Ref("policy", "cpu", "arn")
    assert resolved({"a": [{"b": ref}], "c": (1, ref)}, {ref: "x"}) == {"a": [{"b": "x"}], "c": [1, "x"]}
    for known in ({}, {ref: LATER}, {ref: None}):
        with pytest.raises(Failure, match="Cannot use policy 'cpu': AWS did not return its arn"):
            resolved({"a": ref}, known)
