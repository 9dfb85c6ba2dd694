# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations the lab answers itself: a correction that takes the parsed request and returns AWS's answer as a dict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.serialize import XFormedAttributePicker

from . import limits
from .corrections import correction
from .errors import Refused, missing
from .lab import Lab, current
from .operations import operation_of

SIZES = {"ec2": "MaxResults", "elb": "PageSize"}
"""What a page's size is called; MaxRecords elsewhere."""

Answer = Callable[["Ask"], "Mapping[str, Any] | None"]


@dataclass(frozen=True)
class Ask:
    """One request: the lab and Region it is for, and its parameters under AWS's names."""

    lab: Lab
    region: str
    given: Mapping[str, Any]
    service: str = "ec2"

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise missing(self.service, name)
        return self.given[name]

    def __contains__(self, name: object) -> bool:
        return self.given.get(str(name)) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter `name`; `default` when it was left out."""
        value = self.given.get(name)
        return default if value is None else value

    @property
    def now(self) -> float:
        """AWS seconds."""
        return self.lab.clock.now()


def answers(sentence: str, service: type) -> Callable[[Answer], Answer]:
    """Registers the decorated function as `service`'s answer to the operation it is named after."""

    def register(function: Answer) -> Answer:
        def answered(_before: Any, response: Any) -> Any:
            ask = Ask(current(), response.region, response._get_params(), response.boto3_service_name)
            limits.check(ask.service, operation_of(ask.service, function.__name__), ask.given)
            result = function(ask)
            return EmptyResult() if result is None else ActionResult(result)

        answered.__name__, answered.__module__, answered.__doc__ = (
            function.__name__,
            function.__module__,
            function.__doc__,
        )
        correction(sentence, service, function.__name__)(answered)
        return function

    return register


@correction("A thing shows what was set on it.", XFormedAttributePicker, "__call__")
def picked(pick: Any, picker: Any, context: Any) -> Any:
    """The member's value."""
    return current().members.shown(lambda place: pick(picker, place), context)


def page(ask: Ask, items: list[Any], size: int) -> tuple[list[Any], str | None]:
    """(the items of the page that is asked for, the next page's token or None); `size` where none is asked for.

    A token is the number of items before its page. One that AWS did not give is refused.
    """
    token = ask.get("Marker" if ask.service == "elb" else "NextToken")
    if token and not token.isdigit():
        code = "ValidationError" if ask.service == "elb" else "InvalidNextToken"
        raise Refused(code, f"The token '{token}' is invalid.")
    start = int(token) if token else 0
    end = start + int(ask.get(SIZES.get(ask.service, "MaxRecords"), size))
    return items[start:end], str(end) if end < len(items) else None
