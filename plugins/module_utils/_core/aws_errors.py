# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of AWS's that is an error means: a failure, a reply that was lost, and the way out. Knows botocore."""

from __future__ import annotations

import re
from typing import Any

from .errors import Call, Failure, LostReply, Refusal

try:
    import botocore.exceptions
    import botocore.parsers
except ImportError:
    pass  # amazon.aws says what is missing

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""AWS did nothing and asks for patience: safe to repeat, whatever the call."""

BROKEN = frozenset({"InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "RequestTimeout", "500"})
"""AWS failed on its side: a write may or may not have taken effect."""

IAM = {"elb": "elasticloadbalancing"}
"""How IAM calls a service, where botocore calls it otherwise."""

CONTENDED = frozenset({"ConcurrentModification", "ResourceContention", "ResourceContentionFault"})
"""Another change is under way (IAM, Auto Scaling): nothing was done."""


def translated(error: Exception, service: str, operation: str) -> Exception:
    """Failure for an answer that says no, LostReply where that is unknown; what is no answer comes back as it is."""
    if isinstance(error, botocore.exceptions.ClientError):
        return _answered(error, service, operation)
    if _is_page(error):
        return LostReply(
            _failure(service, operation, None, None, "the answer could not be read (it is not what this API answers)")
        )
    unsent = (
        botocore.exceptions.ConnectTimeoutError,
        botocore.exceptions.EndpointConnectionError,
        botocore.exceptions.ProxyConnectionError,
        botocore.exceptions.SSLError,
    )
    cut = (
        botocore.exceptions.ConnectionClosedError,
        botocore.exceptions.ReadTimeoutError,
        botocore.exceptions.HTTPClientError,
        botocore.exceptions.IncompleteReadError,
    )
    if isinstance(error, unsent):
        return _failure(service, operation, "Unreachable", None, f"{error}", "Check the Region, endpoint and network")
    if isinstance(error, cut):
        return LostReply(_failure(service, operation, None, None, f"the connection was cut ({error})"))
    if isinstance(error, botocore.exceptions.NoCredentialsError | botocore.exceptions.PartialCredentialsError):
        return _failure(
            service,
            operation,
            None,
            None,
            f"{error}",
            "Set credentials: O(access_key) and O(secret_key), O(profile), or AWS_* environment variables",
        )
    if isinstance(error, _signed_out()):
        return _failure(service, operation, None, None, f"{error}", SIGN_IN)
    if isinstance(error, botocore.exceptions.BotoCoreError):
        return _failure(service, operation, None, None, f"{error}", "Correct the value that is named")
    return error


SIGN_IN = "Sign in again with 'aws sso login' ('aws login' for a console session), with --profile if you use one"


def _signed_out() -> tuple[type[Exception], ...]:
    """What botocore raises where the token of a profile is gone or over, as far as this version knows it."""
    names = ("SSOError", "TokenRetrievalError", "NoAuthTokenError", "LoginError")
    return tuple(kind for name in names if (kind := getattr(botocore.exceptions, name, None)) is not None)


def _is_page(error: Exception) -> bool:
    """Whether the reply was a page in place of an answer: botocore's parsers trip over it in their own ways."""
    own = isinstance(error, botocore.exceptions.BotoCoreError)
    return not own and isinstance(error, botocore.parsers.ResponseParserError | KeyError | ValueError)


def _answered(error: Any, service: str, operation: str) -> Exception:
    answer = error.response.get("Error") or {}
    meta = error.response.get("ResponseMetadata") or {}
    code = str(answer.get("Code") or "") or None
    text = str(answer.get("Message") or "").strip() or "AWS gave no reason"
    status = int(meta.get("HTTPStatusCode") or 0)
    broken = code in BROKEN or (status >= 500 and code not in THROTTLED | CONTENDED)
    reason = f"{text} ({code})" if code else text
    way_out = AGAIN if broken else _way_out(code, _action(service, operation, text))
    failure = _failure(service, operation, code, meta.get("RequestId"), reason, way_out)
    return LostReply(failure) if broken else failure


AGAIN = "Run again: AWS failed on its side. Completed steps are kept"


DENIED = re.compile(r"not authorized to perform: ([\w-]+:\w+)")


def _action(service: str, operation: str, text: str) -> str:
    """The action that IAM wants to be allowed: what AWS names, which may be another one than the call."""
    named = DENIED.search(text)
    return named[1] if named else f"{IAM.get(service, service)}:{operation}"


def _way_out(code: str | None, action: str) -> str:
    if code in ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException"):
        return f"Allow the action {action} to these credentials (see the policies in docs/iam)"
    if code in ("AuthFailure", "InvalidClientTokenId", "ExpiredToken", "SignatureDoesNotMatch", "RequestExpired"):
        return "Renew the credentials, and check this machine's clock"
    if code in THROTTLED:
        return "Run again later, or from fewer places at once. Completed steps are kept"
    return "Fix the cause and run again. Completed steps are kept"


def _failure(
    service: str, operation: str, code: str | None, request_id: str | None, reason: str, way_out: str = "Run again"
) -> Failure:
    return Failure(
        Refusal("call", f"{service}:{operation}", "", reason, way_out), Call(service, operation, code, request_id)
    )
