# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real hosts as containers: Debian booted by systemd, with sshd and addresses of its own on a bridge of its own.

The bridge is in this machine: nothing beyond it is listened to, and what is sent to an address of it that nobody has
goes nowhere, whatever the machine's other routes are.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import wcs
from . import netns
from .likeness import LIKENESSES
from .podman import LABEL, NoHosts, Podman
from .rootfs import CLONED, USERS, base_image, derived

TRIES = 20
LAST_RESORT = "65535"  # metric of the route that counts when the bridge is down
MEMORY = "1g"  # what goes wrong in a host stays in it
METADATA_ADDRESS = "169.254.169.254"
CONFIGURED = r"/ConcMarkSweep|CMS|PrintGC/d; s/^-Xloggc:/-Xlog:gc*:/"


@dataclass(frozen=True)
class Containers:
    """The hosts of `owner`, a name that no other owner on this machine has."""

    podman: Podman
    owner: str

    @classmethod
    def of(cls, folder: Path, kind: str) -> Containers:
        """Those that belong to a folder. NoHosts where there can be none."""
        return cls(Podman.at(folder), owner_of(folder, kind))

    def claim(self, internal: bool, numbers: Iterator[int] | None = None) -> str:
        """The first two bytes of the addresses of a new network; `internal`: it leads nowhere else."""
        for number in numbers or iter(random.SystemRandom().sample(range(64, 128), TRIES)):
            block = f"10.{number}"
            if not _route("add", block):
                continue
            words = ["network", "create", "--disable-dns", "--label", f"{LABEL}={self.owner}"]
            words += ["--internal"] if internal else []
            words += ["--subnet", f"{block}.0.0/16", "--gateway", f"{block}.0.1", self.owner]
            try:
                self.podman.run(*words)
            except NoHosts as taken:
                _route("del", block)
                if "already used" in str(taken) or "conflict" in str(taken):
                    continue
                raise
            self._name_bridge(f"wcs{number}")
            return block
        raise NoHosts("Cannot make a network: every block of addresses that was tried is in use.")

    def _name_bridge(self, name: str) -> None:
        """Gives the bridge a name that no other owner's has: podman knows of the networks in its own folder only."""
        file = self.podman.networks / f"{self.owner}.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"network_interface": name}))

    def network(self) -> str | None:
        """The first two bytes of the addresses of the network; None where there is none."""
        words = ("network", "inspect", "--format", "{{range .Subnets}}{{.Subnet}}{{end}}", self.owner)
        found = self.podman.run(*words, quiet=True)
        return ".".join(found.split(".")[:2]) if found else None

    def create(self, name: str, image: str, address: str, options: Sequence[str] = ()) -> None:
        """A new host, not started."""
        words = ["create", "--name", self.full(name), "--hostname", name, "--label", f"{LABEL}={self.owner}"]
        words += ["--systemd=always", f"--memory={MEMORY}", "--network", self.owner, "--ip", address, *options]
        self.podman.run(*words, image, "/sbin/init")

    def exists(self, name: str) -> bool:
        """Whether there is a host of that name, started or not."""
        return bool(self.podman.run("ps", "-aq", "--filter", f"name=^{self.full(name)}$"))

    def prepare(self, name: str, addresses: Sequence[str], public_key: str) -> int:
        """The process id of a host's init, which waits to be started, with further addresses and a key to its user."""
        self.podman.run("init", self.full(name))
        pid = self.podman.pid(self.full(name))
        if pid is None:
            raise NoHosts(f"Cannot start the host '{name}': it has no process.")
        for address in addresses:
            netns.add_address(pid, address)
        _authorize(Path(f"/proc/{pid}/root"), public_key)
        return pid

    def start(self, name: str) -> None:
        """Boots a host that was prepared."""
        self.podman.run("start", self.full(name))

    def stop(self, name: str, seconds: int) -> None:
        """Shuts a host down; its disk stays."""
        self.podman.run("stop", "-t", str(seconds), self.full(name), timeout=seconds + 60, quiet=True)

    def remove(self, name: str, seconds: int = 0) -> None:
        """Shuts a host down; its disk goes."""
        self.podman.run("rm", "-f", "-t", str(seconds), self.full(name), timeout=seconds + 60, quiet=True)

    def commit(self, name: str, image: str) -> None:
        """Makes an image of a host's disk as it is now."""
        words = ["commit", "--quiet", "--change", CLONED, "--change", f"LABEL {LABEL}={self.owner}"]
        self.podman.run(*words, self.full(name), self.image(image))

    def image(self, name: str) -> str:
        """The full name of an image of this owner."""
        return f"localhost/{self.owner}/{name}"

    def full(self, name: str) -> str:
        """The name of a host's container."""
        return f"{self.owner}-{name}"

    def clear(self) -> int:
        """Removes every host, image and the network; how many hosts there were."""
        count = self.podman.remove(self.owner)
        block = self.network()
        if block is not None:
            self.podman.run("network", "rm", "-f", self.owner, quiet=True)
            _route("del", block)
        return count


def owner_of(folder: Path, kind: str) -> str:
    """The name of whatever belongs to a folder."""
    return f"wcs-{kind}-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]}"


def server_image(podman: Podman, system: str, version: str) -> str:
    """The name of the image of a system on which WCS (the stand-in) was installed; made now if it never was."""
    base, before = base_image(podman, system), ""
    if system in LIKENESSES:
        before = f"dnf install -q -y {LIKENESSES[system].needed} </dev/null; "
    with tempfile.TemporaryDirectory() as scratch:
        archive = wcs.tarball(Path(scratch), version)
        script = _installing(archive.name.removesuffix(".tar.gz"), before)
        return derived(podman, base, f"{system}-wcs:{version}", script, archive.read_bytes())


def _installing(folder: str, before: str) -> str:
    """What runs the installer of an archive; as a vendor's image the result starts WCS at boot."""
    conf = f"/usr/local/{wcs.PRODUCT}/conf/wcs-core.properties"
    return (
        f"set -e; {before}tar -xzf - -C /tmp; cd /tmp/{folder}; ./install.sh -silent; cd /; rm -r /tmp/{folder}; "
        f"systemctl --quiet enable webcallserver; sed -i -E '{CONFIGURED}' {conf}"
    )


def new_key(path: Path) -> str:
    """The public half of an ssh key that lies at `path`, made now if there is none."""
    if not path.exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(path)]
        subprocess.run(command, check=True, capture_output=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def _authorize(root: Path, public_key: str) -> None:
    """Lets the key in, as the first boot of a cloud's image does."""
    (home,) = (home for home in (root / "home").iterdir() if home.name in USERS)
    folder, owner = home / ".ssh", home.stat()
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "authorized_keys").write_text(f"{public_key}\n")
    for path in (folder, folder / "authorized_keys"):
        shutil.chown(path, owner.st_uid, owner.st_gid)


def _route(verb: str, block: str) -> bool:
    """Adds or removes the block's route of last resort, which is also the sign that it is taken; whether it did."""
    command = ["ip", "route", verb, "unreachable", f"{block}.0.0/16", "metric", LAST_RESORT]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
