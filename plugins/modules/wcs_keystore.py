#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate of a Web Call Server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wcs_keystore
short_description: The certificate of a Web Call Server, from PEM into its keystore
version_added: 0.1.0
description:
  - Puts a certificate and its private key into C(conf/wss.jks) of an installed Web Call Server (WCS), from which its
    TLS ports are served.
  - The key lies on the host in the keystore only.
  - What cannot work is refused before anything is changed - an expired certificate, a private key that is not the
    certificate's or has a password, text that is no PEM. A certificate that expires soon is warned of.
  - Runs on the WCS host. WCS reads the keystore when it starts, so restart it after a change.
author:
  - The webcallserver.aws maintainers (@webcallserver)
requirements:
  - Python 3.9 or later on the WCS host
  - C(openssl) on the WCS host
  - C(keytool) of Java on the WCS host. Without it the keystore has the format PKCS12, which Java 8u60 and later read
    under any name.
options:
  home:
    description: The folder where WCS is installed.
    type: path
    default: /usr/local/FlashphonerWebCallServer
  certificate:
    description: The certificate in PEM, the certificates of its chain behind it.
    type: str
    required: true
  private_key:
    description: Its private key in PEM, without a password.
    type: str
    required: true
  password:
    description: The password of the keystore that WCS expects. What a keystore with another one holds is replaced.
    type: str
    default: password
  warn_days:
    description: To warn when the certificate expires within so many days.
    type: int
    default: 14
attributes:
  check_mode:
    support: full
    description: Can run in check mode and say what it would do, and refuse what it would refuse.
  diff_mode:
    support: full
    description: Shows digest and expiry of the certificate before and after, never the key.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
seealso:
  - module: webcallserver.aws.wcs_settings
"""

EXAMPLES = r"""
- name: The certificate that clients see on 8443 and 8444
  webcallserver.aws.wcs_keystore:
    certificate: "{{ lookup('ansible.builtin.file', 'tls/media.example.com.pem') }}"
    private_key: "{{ vault_media_example_com_key }}"
  notify: Restart WCS
"""

RETURN = r"""
path:
  description: The keystore.
  type: str
  returned: always
  sample: /usr/local/FlashphonerWebCallServer/conf/wss.jks
fingerprint:
  description: The SHA-256 digest of the certificate.
  type: str
  returned: always
  sample: 5F:0A:...:9C
not_after:
  description: When the certificate expires, in ISO 8601.
  type: str
  returned: always
  sample: "2027-01-31T12:00:00+00:00"
"""

import hashlib
import os
import re
import ssl
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ..module_utils._core.errors import Failure, Refusal
from ..module_utils._host.module import Change, Host, on_host

ARGUMENTS: dict[str, Any] = {
    "home": {"type": "path", "default": "/usr/local/FlashphonerWebCallServer"},
    "certificate": {"type": "str", "required": True},
    "private_key": {"type": "str", "required": True, "no_log": True},
    "password": {"type": "str", "default": "password", "no_log": True},
    "warn_days": {"type": "int", "default": 14},
}
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.S)


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The keystore that has to be written."""
    path = Path(params["home"]) / "conf" / "wss.jks"
    expires = checked(params, host)
    digest = digest_of(params["certificate"])
    if expires - _now() < timedelta(days=params["warn_days"]):
        host.warn(f"The certificate expires on {_spoken(expires)}: have a new one ready.")
    there = digests_in(path, params["password"], host)
    return Change(
        act=None if there[:1] == [digest] else lambda: write(path, params, host),
        before="".join(f"{one}\n" for one in there),
        after=f"{digest}\n",
        thing=str(path),
        returns={
            "path": str(path),
            "fingerprint": digest,
            "not_after": expires.isoformat(),
        },
    )


def checked(params: Mapping[str, Any], host: Host) -> datetime:
    """When the certificate expires. Failure when it cannot be used with the key."""
    if host.find("openssl") is None:
        raise _refused("there is no openssl on this host", "Install it")
    if not CERTIFICATE.search(params["certificate"]):
        raise _refused("it is no certificate in PEM", "Give the text that begins with -----BEGIN CERTIFICATE-----")
    code, said = host.run(["openssl", "x509", "-noout", "-enddate"], text=params["certificate"])
    if code != 0:
        raise _refused("it is no certificate in PEM", "Give it as it was issued, its chain behind it")
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(said.split("=", 1)[1].strip()), timezone.utc)
    if expires <= _now():
        raise _refused(f"it expired on {_spoken(expires)}", "Give a valid one")
    public = host.run(["openssl", "x509", "-noout", "-pubkey"], text=params["certificate"])
    of_key = host.run(["openssl", "pkey", "-pubout", "-passin", "pass:"], text=params["private_key"])
    if of_key[0] != 0:
        raise _refused("its private key is no key in PEM, or has a password", "Give the key without a password")
    if public[1].strip() != of_key[1].strip():
        raise _refused("the private key is not the one it was made for", "Give the key that belongs to it")
    return expires


def digest_of(certificate: str) -> str:
    """SHA-256 of the first certificate, as keytool and openssl write it."""
    first = CERTIFICATE.search(certificate)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[0] if first else "")).hexdigest().upper()
    return ":".join(digest[index : index + 2] for index in range(0, len(digest), 2))


def digests_in(path: Path, password: str, host: Host) -> list[str]:
    """The digests of the servers' certificates in a keystore; [] where it cannot be opened, or is not there."""
    if not path.exists():
        return []
    if host.find("keytool"):
        code, said = host.run(["keytool", "-list", "-rfc", "-keystore", str(path)], text=f"{password}\n")
    else:
        command = ["openssl", "pkcs12", "-in", str(path), "-nokeys", "-clcerts", "-passin", "stdin"]
        code, said = host.run(command, text=f"{password}\n")
    return [digest_of(found) for found in CERTIFICATE.findall(said)] if code == 0 else []


def write(path: Path, params: Mapping[str, Any], host: Host) -> None:
    """Makes the keystore in a folder that only this user sees, and puts it in its place at once."""
    password = params["password"]
    with tempfile.TemporaryDirectory(dir=host.scratch) as scratch:
        folder = Path(scratch)
        bundle, made = folder / "wss.p12", folder / "wss.jks"
        for name in ("certificate", "private_key"):
            (folder / name).write_text(f"{params[name].strip()}\n", encoding="utf-8")
        command = ["openssl", "pkcs12", "-export", "-name", "wcs", "-passout", "stdin", "-out", str(bundle)]
        command += ["-in", str(folder / "certificate"), "-inkey", str(folder / "private_key")]
        _do(host, command, f"{password}\n")
        if host.find("keytool"):
            command = ["keytool", "-importkeystore", "-noprompt", "-srcstoretype", "PKCS12", "-deststoretype", "JKS"]
            command += ["-srckeystore", str(bundle), "-destkeystore", str(made)]
            _do(host, command, f"{password}\n" * 3)
        place((made if made.exists() else bundle).read_bytes(), path)


def place(content: bytes, path: Path) -> None:
    """Puts a file in its place at once; never is it to be read by others than this user and the group of its folder."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chown(name, -1, path.parent.stat().st_gid)
        Path(name).chmod(0o640)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _do(host: Host, command: list[str], text: str) -> None:
    code, said = host.run(command, text=text)
    if code != 0:
        reason = (said.strip().splitlines() or ["no word"])[-1]
        raise _refused(f"{command[0]} ended with exit code {code}: {reason}", "Correct what it complains of")


def _refused(reason: str, way_out: str) -> Failure:
    return Failure(Refusal("use", "the certificate", "", reason, way_out))


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _spoken(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
