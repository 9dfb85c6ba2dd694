"""Clients whose lists come in pages of any size, short and empty ones among them, as AWS may always answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

SIZES = ("MaxRecords", "MaxResults", "PageSize")


@dataclass
class Paged:
    """A client that gives its lists in pages of 0 to `most` items, drawn by a seed; a token is good for one page."""

    client: Any
    draw: random.Random
    most: int
    rest: dict[str, tuple[dict[str, Any], str, list[Any]]] = field(default_factory=dict)
    served: list[int] = field(default_factory=list)

    def _make_api_call(self, operation: str, args: Mapping[str, Any]) -> Any:
        if not self.client.can_paginate(xform_name(operation)):
            return self.client._make_api_call(operation, args)
        pages = self.client._cache["page_config"][operation]  # how botocore knows that it comes in pages
        given, result, keys = (pages[name] for name in ("input_token", "output_token", "result_key"))
        key = keys if isinstance(keys, str) else keys[0]
        if token := args.get(given):
            answer, key, items = self.rest.pop(token)
        else:
            answer, items = self._whole(operation, args, given, result, key)
        return self._page(answer, key, items, result)

    def _whole(
        self, operation: str, args: Mapping[str, Any], given: str, result: str, key: str
    ) -> tuple[Any, list[Any]]:
        wanted = {name: value for name, value in args.items() if name not in SIZES}
        answer = self.client._make_api_call(operation, wanted)
        items = list(answer.get(key, ()))
        while token := answer.get(result):
            answer = self.client._make_api_call(operation, {**wanted, given: token})
            items += answer.get(key, ())
        return answer, items

    def _page(self, answer: Mapping[str, Any], key: str, items: list[Any], result: str) -> dict[str, Any]:
        size = self.draw.randint(0, self.most)
        page, rest = items[:size], items[size:]
        self.served.append(len(page))
        if not rest and (not items or self.draw.random() < 0.7):  # a last page may say that more follows, and none does
            return {**answer, key: page}
        token = f"page-{len(self.served)}"
        self.rest[token] = (dict(answer), key, rest)
        return {**answer, key: page, result: token}


def paged(make: Callable[..., Any], seed: int, most: int) -> Callable[..., Any]:
    """Clients that answer in pages, one draw for all."""
    draw = random.Random(seed)
    return lambda service, region: Paged(make(service, region), draw, most)
