# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the health check of a node answers when it is asked from this machine."""

from __future__ import annotations

import http
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from .._balancer.health import HealthAnswer
from .fetch import BadAnswer, Progress, Request, asked, tls_context
from .target import Target
from .threads import Late, each

LIMIT = 3.0
"""Seconds that all nodes together may take."""

NO_ANSWER = HealthAnswer(f"no answer within {LIMIT:g} s")


def answers(target: str, hosts: Mapping[str, Sequence[str]], limit: float = LIMIT) -> dict[str, HealthAnswer]:
    """What each node answers, by its key: `HTTP 404 Not Found`, `connection refused`, `no answer within 3 s`.

    `target` is a balancer's (`HTTP:8081/?action=stat`); of a node's addresses the first that says anything counts.
    Raises Failure where a library is missing by which it would be asked.
    """
    pairs = [(key, host) for key, found in hosts.items() for host in found]
    works = [partial(answer, target, host, limit=limit) for _, host in pairs]
    by_key: dict[str, list[HealthAnswer]] = {}
    for (key, _), one in zip(pairs, each(works, limit, max(1, len(works))), strict=True):
        by_key.setdefault(key, []).append(NO_ANSWER if isinstance(one, Late) else one)
    return {key: next((one for one in found if one != NO_ANSWER), NO_ANSWER) for key, found in by_key.items()}


def answer(target: str, host: str, progress: Progress, limit: float = LIMIT) -> HealthAnswer:
    """What one address answers."""
    protocol, _, place = target.partition(":")
    port, slash, path = place.partition("/")
    try:
        if protocol in ("HTTP", "HTTPS"):
            return _asked(Target(protocol.lower(), host, int(port), slash + path), limit, progress)
        with socket.create_connection((host, int(port)), timeout=limit) as plain:
            progress.uses(plain)
            if protocol == "SSL":
                tls_context(False).wrap_socket(plain).close()
            return HealthAnswer(f"port {port} accepts connections", True)
    except TimeoutError:
        return NO_ANSWER
    except ConnectionRefusedError:
        return HealthAnswer(f"connection refused on port {port}", False)
    except (OSError, EOFError, ValueError, BadAnswer) as error:
        return HealthAnswer(f"no usable answer on port {port} ({error or type(error).__name__})")


def _asked(goal: Target, limit: float, progress: Progress) -> HealthAnswer:
    """Status and reason of one reply. A balancer does not validate the certificate of a node either."""
    request = Request(validate_certs=False, timeout=limit).prepared(goal.tls)
    with asked(goal, request, progress) as response:
        phrase = response.reason or ""
        with suppress(ValueError):
            phrase = phrase or http.HTTPStatus(response.status_code).phrase
        return HealthAnswer.of_status(response.status_code, phrase)
