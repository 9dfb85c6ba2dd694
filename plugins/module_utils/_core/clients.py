# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of AWS's services, as botocore makes them."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

try:
    import boto3.session
    import botocore.config
    import botocore.session
except ImportError:
    pass  # amazon.aws says what is missing

Clients = Callable[[str, "str | None"], Any]
"""Gives a botocore client for a service and a Region (None: the main one)."""


def settings() -> Any:
    """The client configuration: botocore's own blind repeats are off, because it cannot know what is safe to repeat."""
    return botocore.config.Config(
        retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=10, read_timeout=70
    )


def session_clients(region: str, endpoint: str | None, connection: Mapping[str, Any]) -> Clients:
    """A maker of clients on one session. `connection` is what amazon.aws makes of its connection options."""
    options = dict(connection)
    profile = options.pop("profile_name", None)
    config = settings()
    if given := options.pop("aws_config", None):
        config = given.merge(config)
    made: list[Any] = []

    def client(service: str, other_region: str | None) -> Any:
        if not made:
            session = botocore.session.get_session()
            session.get_component("data_loader").file_loader = ServiceModels()
            made.append(boto3.session.Session(botocore_session=session, profile_name=profile))
        return made[0].client(
            service, region_name=other_region or region, endpoint_url=endpoint, config=config, **options
        )

    return client


class ServiceModels:
    """Reads botocore's descriptions of services: as plain dicts, which takes half the time of its ordered ones."""

    def exists(self, path: str) -> bool:
        """Whether there is a description of that path, which is without its suffix."""
        return any(os.path.isfile(path + suffix) for suffix in (".json.gz", ".json"))  # noqa: PTH113 - of 900 services

    def load_file(self, path: str) -> Any:
        """The description; None where there is none."""
        if (plain := Path(f"{path}.json")).is_file():
            return json.loads(plain.read_bytes())
        packed = Path(f"{path}.json.gz")
        return json.loads(gzip.decompress(packed.read_bytes())) if packed.is_file() else None


@cache
def service_model(service: str) -> Any:
    """What botocore knows of a service."""
    return botocore.session.get_session().get_service_model(service)
