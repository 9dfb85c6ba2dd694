# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is behind an instance id: a disk, an address and a Web Call Server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

MachineState = Literal["pending", "running", "stopped", "gone"]


@dataclass(frozen=True)
class MachineSpec:
    """What a machine is started from."""

    instance_id: str
    image_id: str
    private_ip: str
    public_ip: str | None
    region: str
    zone: str
    instance_type: str
    user_data: bytes = b""
    metadata_required: bool = False  # the metadata service answers only with a token (IMDSv2)
    metadata_enabled: bool = True


@dataclass(frozen=True)
class Credentials:
    """What an instance has from its profile: the role's temporary credentials; `expiration` in UTC."""

    profile_arn: str
    role: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    expiration: str


@dataclass
class Known:
    """What AWS knows of an instance, by its id, for the metadata of its machine; set by the lab.

    `target_state`: the state that Auto Scaling is taking it to; `tags`: none where they are not allowed there.
    """

    target_state: Callable[[str], str | None] = lambda _: None
    tags: Callable[[str], Mapping[str, str]] = lambda _: {}
    credentials: Callable[[str], Credentials | None] = lambda _: None


@dataclass(frozen=True)
class Check:
    """A health check's outcome: `status` is the HTTP status, where there was one; `why` says what went wrong."""

    ok: bool
    status: int | None = None
    why: str = ""


class Machines(Protocol):
    """The machines of one lab, by instance id."""

    known: Known
    """What a machine's metadata tell."""

    def install(self, image_id: str, wcs_version: str | None) -> None:
        """Makes the disk of an image that is there at start, with Web Call Server of a version or without."""
        ...

    def refuse(self, cidr: str) -> str | None:
        """Why no machine can have an address in a subnet; None where one can."""
        ...

    def boot(self, spec: MachineSpec) -> None:
        """Starts a machine, from its image's disk the first time; returns at once."""
        ...

    def stop(self, instance_id: str) -> None:
        """Shuts it down; its disk stays. Returns at once."""
        ...

    def terminate(self, instance_id: str) -> None:
        """Shuts it down; its disk goes. Returns at once."""
        ...

    def state(self, instance_id: str) -> MachineState:
        """Its state now; "gone" for an id that is not known."""
        ...

    def capture(self, instance_id: str, image_id: str) -> None:
        """Copies its disk to an image."""
        ...

    def copy_image(self, image_id: str, copy_id: str) -> None:
        """Makes a second image with the same disk."""
        ...

    def forget_image(self, image_id: str) -> None:
        """Removes an image's disk, if there is one."""
        ...

    def check(self, instance_id: str, protocol: str, port: int, path: str, timeout: float) -> Check:
        """A health check as the balancer makes it: protocol "tcp", "ssl", "http" or "https"; timeout in seconds."""
        ...

    def cpu(self, instance_id: str) -> float:
        """The processor's load in per cent."""
        ...

    def reset(self) -> None:
        """Ends every machine and forgets every image that was captured."""
        ...

    def close(self) -> None:
        """Ends every machine; the lab goes down."""
        ...
