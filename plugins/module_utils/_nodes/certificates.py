# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Until when the certificate that a server shows is valid: read without trusting it, for it may be expired."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from functools import partial

from .fetch import Progress, reason, tls_context
from .lookup import addresses
from .target import Target
from .threads import Late, each

try:
    from cryptography.x509 import Certificate, load_der_x509_certificate

    MISSING = not hasattr(Certificate, "not_valid_after_utc")
except ImportError:
    MISSING = True

NO_LIBRARY = f"the Python library cryptography>=42 is not installed for {sys.executable}"


def expiries(targets: Sequence[Target | None], timeout: float) -> list[float | str | None]:
    """The end of each certificate in seconds since 1970; why it is unknown; None where no TLS is spoken.

    `timeout`: seconds for one server.
    """
    asked = [goal for goal in targets if goal is not None and goal.tls]
    found = each([partial(_expiry, goal, timeout) for goal in asked], timeout)
    late = f"it was not shown within {timeout:g} s"
    read = iter([late if isinstance(one, Late) else one for one in found])
    return [None if goal is None or not goal.tls else next(read) for goal in targets]


def _expiry(goal: Target, timeout: float, progress: Progress) -> float | str | Late:
    progress.stage = "asking for its certificate"
    if MISSING:
        return NO_LIBRARY
    try:
        address = addresses(goal.host, goal.port)[0]
        plain = socket.create_connection((address, goal.port), timeout)
        progress.uses(plain)
        with plain, tls_context(False).wrap_socket(plain, server_hostname=goal.host) as secure:
            shown = secure.getpeercert(True) or b""
        return float(load_der_x509_certificate(shown).not_valid_after_utc.timestamp())
    except TimeoutError:
        return Late.of(progress)
    except (OSError, ValueError) as error:
        return reason(error, progress)
