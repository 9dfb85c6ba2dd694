# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Until when the certificate that a server shows is valid: read without trusting it, for it may be expired."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from .fetch import Progress, reason, tls_context
from .target import Target

try:
    from cryptography.x509 import load_der_x509_certificate

    MISSING = None
except ImportError:
    MISSING = "cryptography>=42"

AT_ONCE = 64


async def expiries(targets: Sequence[Target | None], timeout: float) -> list[float | str | None]:
    """The end of each certificate in seconds since 1970; why it is unknown; None where no TLS is spoken.

    `timeout`: seconds for one server.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(goal: Target | None) -> float | str | None:
        if goal is None or not goal.tls:
            return None
        if MISSING:
            return f"the Python library {MISSING} is not installed"
        async with turns:
            try:
                return await asyncio.wait_for(_expiry(goal), timeout)
            except asyncio.TimeoutError:
                return f"it was not shown within {timeout:g} s"
            except (OSError, ValueError) as error:
                return reason(error, Progress("asking for its certificate"))

    return list(await asyncio.gather(*map(one, targets)))


async def _expiry(goal: Target) -> float:
    _, writer = await asyncio.open_connection(goal.host, goal.port, ssl=tls_context(False), server_hostname=goal.host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(True)
        return float(load_der_x509_certificate(shown).not_valid_after_utc.timestamp())
    finally:
        writer.transport.abort()
