# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keystore of Web Call Server: how certificate and key get into it, and what is in it."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from .._core.errors import Failure, Refusal
from .module import Change, Host, not_there

ARGUMENTS: dict[str, Any] = {
    "home": {"type": "path", "default": "/usr/local/FlashphonerWebCallServer"},
    "certificate": {"type": "str", "required": True},
    "private_key": {"type": "str", "required": True, "no_log": True},
    "password": {"type": "str", "default": "password", "no_log": True},
    "warn_days": {"type": "int", "default": 14},
}
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.S)
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.S)
PEM = "Use the text that begins with -----BEGIN CERTIFICATE-----: the certificate as it was issued, and its chain"


@dataclass(frozen=True)
class Certificate:
    """One certificate of a bundle; moments in UTC."""

    pem: str
    subject: str
    issuer: str
    public_key: str
    begins: datetime
    ends: datetime

    @property
    def digest(self) -> str:
        """SHA-256, as keytool and openssl write it."""
        return digest_of(self.pem)


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The keystore that has to be written."""
    path = Path(params["home"]) / "conf" / "wss.jks"
    if not path.parent.is_dir() and not host.check:
        raise not_there("the keystore", path.parent)
    chain = checked(params["certificate"], params["private_key"], host)
    for one in chain:
        if one.ends - _now() < timedelta(days=params["warn_days"]):
            host.warn(f"The certificate of {one.subject} expires on {_spoken(one.ends)}. Prepare a new one.")
    digests, there = [one.digest for one in chain], digests_in(path, params["password"], host)
    same = there[:1] == digests[:1] and sorted(there) == sorted(digests)
    return Change(
        act=None if same else lambda: write(path, chain, params, host),
        before="".join(f"{one}\n" for one in there),
        after="".join(f"{one}\n" for one in (there if same else digests)),
        thing=str(path),
        returns={
            "path": str(path),
            "fingerprint": digests[0],
            "chain": digests,
            "not_after": min(one.ends for one in chain).isoformat(),
        },
    )


def checked(bundle: str, private_key: str, host: Host) -> list[Certificate]:
    """The key's certificate and its chain, each followed by its issuer. Failure when they cannot be used together."""
    if host.find("openssl") is None:
        raise _refused("there is no openssl on this host", "Install it")
    found = [_read(number, block, host) for number, block in enumerate(_blocks(bundle), 1)]
    of_key = host.run(["openssl", "pkey", "-pubout", "-passin", "pass:"], text=private_key)
    if of_key[0] != 0:
        raise _refused("O(private_key) is not a key in PEM, or has a password", "Use the key without a password")
    own = [one for one in found if one.public_key == of_key[1].strip()]
    if not own:
        raise _refused("O(private_key) is not the one it was made for", "Use the key that belongs to it")
    for one in found:
        if one.ends <= _now():
            raise _refused(f"that of {one.subject} expired on {_spoken(one.ends)}", "Use a valid one")
        if one.begins > _now():
            raise _refused(f"that of {one.subject} is not valid before {_spoken(one.begins)}", "Use a valid one")
    return _in_order(own[0], found)


def _blocks(bundle: str) -> list[str]:
    """The PEM blocks of the bundle, of which all must be certificates."""
    labels = [match[1] for match in BLOCK.finditer(bundle)]
    begun = bundle.count("-----BEGIN ")
    if not labels or labels[0] != "CERTIFICATE":
        raise _refused("it is not a certificate in PEM", PEM)
    if begun != len(labels) or set(labels) != {"CERTIFICATE"}:
        other = next((label for label in labels if label != "CERTIFICATE"), "")
        reason = f"it holds a {other.lower()}, too" if other else "one of its blocks is incomplete"
        raise _refused(reason, PEM)
    return [match[0] for match in BLOCK.finditer(bundle)]


def _read(number: int, pem: str, host: Host) -> Certificate:
    fields = ["-subject", "-issuer", "-dates", "-nameopt", "RFC2253"]
    code, text = host.run(["openssl", "x509", "-noout", *fields], text=f"{pem}\n")
    public = host.run(["openssl", "x509", "-noout", "-pubkey"], text=f"{pem}\n")
    if code != 0 or public[0] != 0:
        which = "it is not a certificate in PEM" if number == 1 else f"its block {number} is not a certificate in PEM"
        raise _refused(which, PEM)
    said = dict(line.partition("=")[::2] for line in text.splitlines())
    return Certificate(
        pem,
        said["subject"].strip(),
        said["issuer"].strip(),
        public[1].strip(),
        _moment(said["notBefore"]),
        _moment(said["notAfter"]),
    )


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text.strip()), timezone.utc)


def _in_order(own: Certificate, found: Sequence[Certificate]) -> list[Certificate]:
    """The certificate, and each issuer behind the one it issued. Failure for one that is not of this chain."""
    chain, left = [own], [one for one in found if one.pem != own.pem]
    while issuer := next((one for one in left if one.subject == chain[-1].issuer), None):
        chain.append(issuer)
        left = [one for one in left if one.pem != issuer.pem]
    if left:
        reason = (
            f"that of {left[0].subject} is not in its chain (the issuer of {chain[-1].subject} is {chain[-1].issuer})"
        )
        raise _refused(reason, "Use the certificate with those of its issuers, and no others")
    return chain


def digest_of(certificate: str) -> str:
    """SHA-256 of the first certificate, as keytool and openssl write it."""
    first = CERTIFICATE.search(certificate)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[0] if first else "")).hexdigest().upper()
    return ":".join(digest[index : index + 2] for index in range(0, len(digest), 2))


def digests_in(path: Path, password: str, host: Host) -> list[str]:
    """The digests of the certificates in a keystore, the server's first; [] where it cannot be opened."""
    if not path.exists():
        return []
    if host.find("keytool"):
        code, said = host.run(["keytool", "-list", "-rfc", "-keystore", str(path)], text=f"{password}\n")
    else:
        command = ["openssl", "pkcs12", "-in", str(path), "-nokeys", "-passin", "stdin"]
        code, said = host.run(command, text=f"{password}\n")
    return [digest_of(found) for found in CERTIFICATE.findall(said)] if code == 0 else []


def write(path: Path, chain: Sequence[Certificate], params: Mapping[str, Any], host: Host) -> None:
    """Makes the keystore in a folder that only this user sees, and puts it in its place at once."""
    password = params["password"]
    with tempfile.TemporaryDirectory(dir=host.scratch) as scratch:
        folder = Path(scratch)
        bundle, made = folder / "wss.p12", folder / "wss.jks"
        (folder / "certificate").write_text("".join(f"{one.pem}\n" for one in chain), encoding="utf-8")
        (folder / "private_key").write_text(f"{params['private_key'].strip()}\n", encoding="utf-8")
        command = ["openssl", "pkcs12", "-export", "-name", "wcs", "-passout", "stdin", "-out", str(bundle)]
        command += ["-in", str(folder / "certificate"), "-inkey", str(folder / "private_key")]
        _do(host, command, f"{password}\n")
        if host.find("keytool"):
            command = ["keytool", "-importkeystore", "-noprompt", "-srcstoretype", "PKCS12", "-deststoretype", "JKS"]
            command += ["-srckeystore", str(bundle), "-destkeystore", str(made)]
            _do(host, command, f"{password}\n" * 3)
        place((made if made.exists() else bundle).read_bytes(), path)


def place(content: bytes, link: Path) -> None:
    """Puts a file in its place at once, or in that of what a link leads to; never is it to be read by all.

    The owner stays, and so does the group, unless that is root's: then it is that of its folder, as for a new file.
    """
    path = Path(os.path.realpath(link))
    old, folder = path.stat() if os.path.lexists(path) else None, path.parent.stat()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        owner = old.st_uid if old and os.geteuid() == 0 else -1
        os.chown(name, owner, (old.st_gid if old else 0) or folder.st_gid)
        Path(name).chmod(0o640 | (old.st_mode & 0o660 if old else 0))
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
    return Failure(Refusal("use", "O(certificate)", "", reason, way_out))


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _spoken(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
