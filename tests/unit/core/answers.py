"""Errors as botocore raises them."""

from __future__ import annotations

from botocore import exceptions

URL = "http://127.0.0.1/"


def answered(code: str, message: str | None = "no", status: int = 400) -> exceptions.ClientError:
    error = {"Code": code} | ({"Message": message} if message is not None else {})
    return exceptions.ClientError(
        {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"}},  # type: ignore[typeddict-item]
        "CreateImage",
    )
