# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate of the TLS ports: from the keystore `wss.jks`, or from `wss.crt` and `wss.key` (PEM) beside it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .properties import BrokenSetting

if TYPE_CHECKING:
    import ssl

PASSWORD = "password"  # noqa: S105 - the vendor's, known to everybody
JKS = b"\xfe\xed\xfe\xed"


def served(conf: Path) -> bool:
    """Whether there is a certificate, and so TLS."""
    return (conf / "wss.jks").is_file() or all((conf / name).is_file() for name in ("wss.crt", "wss.key"))


def context(conf: Path) -> ssl.SSLContext | None:
    """What TLS connections are answered with; None where there is no certificate."""
    if not served(conf):
        return None
    import ssl  # takes 5 MB, which a server without a certificate saves

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    keystore = conf / "wss.jks"
    try:
        if not keystore.is_file():
            made.load_cert_chain(conf / "wss.crt", conf / "wss.key")
            return made
        with tempfile.TemporaryDirectory() as scratch:
            made.load_cert_chain(unpacked(keystore, Path(scratch)))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        what = keystore.name if keystore.is_file() else "wss.crt, wss.key"
        raise BrokenSetting(f"{what}: no usable certificate and key: {error}") from error
    return made


def unpacked(keystore: Path, folder: Path) -> Path:
    """Certificate and key in one file of PEM. ValueError for a keystore of another password, or none at all."""
    source = keystore
    if keystore.read_bytes()[:4] == JKS:
        source = folder / "wss.p12"
        command = ["keytool", "-importkeystore", "-noprompt", "-deststoretype", "PKCS12"]
        run([*command, "-srckeystore", str(keystore), "-destkeystore", str(source)], f"{PASSWORD}\n" * 3)
    chain = folder / "wss.pem"
    run(["openssl", "pkcs12", "-in", str(source), "-out", str(chain), "-nodes", "-passin", "stdin"], f"{PASSWORD}\n")
    return chain


def run(command: list[str], text: str) -> None:
    """Runs a command that reads `text`. ValueError with its last words where it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise ValueError((done.stderr + done.stdout).strip()[-200:])
