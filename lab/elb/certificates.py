# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Server certificates that balancers use: found in IAM or ACM, put into TLS contexts."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ..core import backends as state


@dataclass(frozen=True)
class KeyPair:
    """A certificate with its chain and its private key, both PEM."""

    certificate: str
    key: str = field(repr=False)


def find(region: str, arn: str) -> KeyPair | None:
    """The certificate with that ARN; None where neither IAM nor the Region's ACM has it."""
    for server in state.backend("iam", "aws").certificates.values():
        if server.arn == arn:
            return KeyPair(f"{server.cert_body}\n{server.cert_chain or ''}", server.private_key)
    bundle = state.backend("acm", region)._certificates.get(arn)
    if bundle is None:
        return None
    return KeyPair(f"{bundle.cert.decode()}\n{bundle.chain.decode()}", bundle.key.decode())


def load(context: ssl.SSLContext, pair: KeyPair) -> None:
    """Gives a server's context the certificate for its next handshakes; ssl.SSLError where it is not one."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate"), Path(folder, "key")
        certificate.write_text(pair.certificate)
        key.touch(0o600)
        key.write_text(pair.key)
        context.load_cert_chain(certificate, key)


def towards_nodes() -> ssl.SSLContext:
    """The context of a balancer's own connections to nodes: encrypted, the node's certificate not checked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
