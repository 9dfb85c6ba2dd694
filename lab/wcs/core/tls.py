# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate of the TLS ports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .properties import BrokenSetting

if TYPE_CHECKING:
    import ssl


def pair(conf: Path) -> tuple[Path, Path] | None:
    """The certificate chain and private key (PEM) beside the keystore `wss.jks`; None: no TLS here."""
    chain, key = conf / "wss.crt", conf / "wss.key"
    return (chain, key) if chain.is_file() and key.is_file() else None


def context(conf: Path) -> ssl.SSLContext | None:
    """What TLS connections are answered with; None where there is no certificate."""
    files = pair(conf)
    if files is None:
        return None
    import ssl  # takes 5 MB, which a server without a certificate saves

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        made.load_cert_chain(*files)
    except (OSError, ValueError) as error:
        raise BrokenSetting(f"{files[0].name}, {files[1].name}: no usable certificate and key: {error}") from error
    return made
