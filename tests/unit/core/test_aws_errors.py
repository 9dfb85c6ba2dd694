"""What becomes of what botocore raises; no call is made."""

from __future__ import annotations

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from plugins.module_utils._core.aws_errors import translated
from plugins.module_utils._core.errors import Failure, LostReply
from tests.unit.core.answers import URL, answered


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
