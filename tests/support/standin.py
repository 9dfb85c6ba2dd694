"""Stand-ins of Web Call Server for tests: real processes, each on two loopback addresses of its own."""

from __future__ import annotations

import datetime
import itertools
import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab import wcs

PORTS = (8080, 8081, 8443, 8444)
NETWORK = f"127.{77 + os.getpid() % 50}.{os.getpid() // 50 % 256}"
_numbers = itertools.count(1)


def free_address() -> str:
    """A loopback address whose WCS ports nobody holds."""
    while True:
        address = f"{NETWORK}.{next(_numbers) % 254 + 1}"
        if all(free(address, port) for port in PORTS):
            return address


def free(address: str, port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


@dataclass(frozen=True)
class StandIn:
    """An installed stand-in on a machine of its own."""

    home: Path
    private_ip: str
    public_ip: str

    def verb(self, name: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.home.parent / wcs.PRODUCT / "bin" / "webcallserver"), name]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    def start(self) -> StandIn:
        done = self.verb("start")
        assert done.returncode == 0, done.stderr
        return self

    @property
    def pid_file(self) -> Path:
        return self.home / "bin" / "FlashphonerMainWebCallServer.pid"

    def set(self, file: str = "flashphoner.properties", **values: object) -> StandIn:
        """Adds settings; `__` in a name stands for the dot."""
        with (self.home / "conf" / file).open("a") as conf:
            conf.writelines(f"{key.replace('__', '.')}={value}\n" for key, value in values.items())
        return self

    def statistics(self) -> dict[str, dict[str, Any]]:
        with urlopen(f"http://{self.private_ip}:8081/?action=stat&format=json", timeout=10) as page:
            return json.load(page)

    def count(self) -> int:
        return int(self.statistics()["connections_stats"]["connections_websocket"])

    def log(self) -> str:
        return (self.home / "logs" / "server_logs" / "flashphoner.log").read_text()


def install(folder: Path, cpu_per_session: float = 1.0) -> StandIn:
    """A stand-in that does not run yet."""
    machine = {"private_ip": free_address(), "public_ip": free_address(), "cpu_per_session": cpu_per_session}
    home = wcs.install(folder / "disk")
    (folder / "machine.json").write_text(json.dumps(machine))
    return StandIn(home, machine["private_ip"], machine["public_ip"])


@contextmanager
def machines(folder: Path) -> Iterator[Callable[[], StandIn]]:
    """Installs one stand-in a call; at the end none of them runs."""
    made: list[StandIn] = []

    def install_next() -> StandIn:
        made.append(install(folder / f"machine-{len(made)}"))
        return made[-1]

    try:
        yield install_next
    finally:
        for standin in made:
            standin.verb("stop")


def certificate_for(name: str, days: int = 1) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


def chain_for(name: str, *issuers: str, begins: int = -2, days: int = 90) -> tuple[list[bytes], bytes]:
    """A certificate with those of its issuers behind it, the last signed by itself; and its key. All PEM."""
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [name, *issuers]
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in names]
    subjects = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in names]
    made = []
    for place, subject in enumerate(subjects):
        above = min(place + 1, len(names) - 1)
        builder = x509.CertificateBuilder(
            subjects[above], subject, keys[place].public_key(), x509.random_serial_number()
        )
        builder = builder.not_valid_before(now + datetime.timedelta(days=begins))
        builder = builder.not_valid_after(now + datetime.timedelta(days=days))
        builder = builder.add_extension(x509.BasicConstraints(ca=place > 0, path_length=None), critical=True)
        made.append(builder.sign(keys[above], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = keys[0].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made, private
