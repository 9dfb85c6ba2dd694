"""Clients of the lab whose answers to one call are changed on their way: AWS as it may be, and the lab is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

Change = Callable[[dict[str, Any]], Any]


@dataclass
class Overlaid:
    """A client; `changes` are made to the answers, by operation; `model` is what its botocore knows."""

    client: Any
    changes: Mapping[str, Change]
    model: Any = None

    @property
    def meta(self) -> Any:
        """The client's, or a stand-in that knows another model."""
        return self.client.meta if self.model is None else SimpleNamespace(service_model=self.model)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def _make_api_call(self, operation: str, args: Mapping[str, Any]) -> Any:
        answer = self.client._make_api_call(operation, args)
        if operation in self.changes:
            answer = deepcopy(answer)
            self.changes[operation](answer)
        return answer


@dataclass
class Overlay:
    """Makes such clients of those of a lab."""

    make: Callable[..., Any]
    changes: dict[str, Change] = field(default_factory=dict)
    models: dict[str, Any] = field(default_factory=dict)

    def __call__(self, service: str, region: str | None = None) -> Any:
        client = self.make(service, region) if region else self.make(service)
        return Overlaid(client, self.changes, self.models.get(service))
