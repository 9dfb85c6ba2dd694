# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names to addresses, in a thread of their own: a look-up cannot be called off, only left behind."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .target import forbidden

Lookup = Callable[..., Any]
"""`socket.getaddrinfo`, or what a test puts in its place."""


async def addresses(host: str, port: int, lookup: Lookup = socket.getaddrinfo) -> list[str]:
    """The addresses of a name, each once, in the resolver's order; an address is its own.

    Raises OSError: for a name that has none, and for addresses where no node can be.
    """
    try:
        found = [str(ipaddress.ip_address(host))]
    except ValueError:
        found = list(dict.fromkeys(str(entry[4][0]) for entry in await _looked_up(host, port, lookup)))
    usable = [address for address in found if not forbidden(address)]
    if not usable:
        raise OSError(f"{', '.join(found) or host} is a link-local or metadata address, where no node can be")
    return usable


async def _looked_up(host: str, port: int, lookup: Lookup) -> Any:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if answer.done():
            return
        if error:
            answer.set_exception(error)
        else:
            answer.set_result(result)

    def work() -> None:
        result, error = None, None
        try:
            result = lookup(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as failure:
            error = failure
        with suppress(RuntimeError):  # the loop is closed when nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name=f"look-up of {host}", daemon=True).start()
    return await answer
