# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system that hosts begin with: Debian with systemd, sshd, Python and Java, made once from this machine's mirror.

Like a cloud provider's image it has no ssh host keys and no machine id; both are made at the first boot. Not to be
published: it names the mirror that it was made from.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .likeness import LIKENESSES, NOT_THERE
from .likeness import PACKAGES as LIKENESS_PACKAGES
from .podman import NoHosts, Podman

SUITES = {"debian12": "bookworm", "debian13": "trixie"} | {name: one.suite for name, one in LIKENESSES.items()}
USER = "admin"
USERS = {USER, *(one.user for one in LIKENESSES.values())}
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "ca-certificates", "iproute2", "procps", "openssl"),
    *("curl", "wget", "python3", "python3-apt", "default-jre-headless"),
)
KEYGEN = """\
[Unit]
Description=ssh host keys where there are none
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
Before=ssh.service
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A
[Install]
WantedBy=multi-user.target
"""
IMAGES = "localhost/webcallserver-aws-lab"
CLONED = 'CMD ["/sbin/init"]'
SECONDS = 300.0
LOCK = Path("/run/lock/webcallserver-aws-lab")


def user_of(system: str) -> str:
    """The user that may log in to a host of a system, and become root."""
    return LIKENESSES[system].user if system in LIKENESSES else USER


def finished(user: str) -> str:
    """The hook of mmdebstrap that lets a user in, and gives nothing to an image that each host makes for itself."""
    return f"""\
chroot "$1" useradd --create-home --shell /bin/bash {user}
echo '{user} ALL=(ALL) NOPASSWD: ALL' >"$1/etc/sudoers.d/{user}"
rm -f "$1"/etc/ssh/ssh_host_*
printf %s {shlex.quote(KEYGEN)} >"$1/etc/systemd/system/ssh-host-keys.service"
echo 'UseDNS no' >"$1/etc/ssh/sshd_config.d/lab.conf"
chroot "$1" systemctl --quiet enable ssh ssh-host-keys
: >"$1/etc/machine-id"
"""


def base_image(podman: Podman, system: str) -> str:
    """The name of the image of a system (of SUITES); made now if it never was on this machine."""
    like = LIKENESSES.get(system)
    if like is None:
        return _debian(podman, system, SUITES[system], PACKAGES, USER)
    packages = (*(name for name in PACKAGES if name not in NOT_THERE), *LIKENESS_PACKAGES)
    base = _debian(podman, f"rpm-{like.user}-{like.suite}", like.suite, packages, like.user)
    return derived(podman, base, system, like.script())


def derived(podman: Podman, base: str, tag: str, script: str, given: bytes = b"") -> str:
    """The name of an image: a base after a script has run in it, which reads `given`; made now if it never was."""
    digest = hashlib.sha256(f"{base} {script}".encode() + given).hexdigest()[:12]
    name = f"{IMAGES}/{tag}{'-' if ':' in tag else ':'}{digest}"
    if not podman.has_image(name):
        with making():
            if not podman.has_image(name):
                _derive(podman, base, name, script, given)
    return name


def _derive(podman: Podman, base: str, name: str, script: str, given: bytes) -> None:
    """Makes such an image, in a container without a network."""
    made = "wcs-making"
    podman.run("rm", "-f", made, quiet=True)
    command = ["podman", "run", "-i", "--name", made, "--network", "none", base, "sh", "-c", script]
    done = subprocess.run(command, env=podman.environment(), input=given, capture_output=True, check=False)
    try:
        if done.returncode != 0:
            said = (done.stderr.decode(errors="replace") or done.stdout.decode(errors="replace")).strip()
            raise NoHosts(f"Cannot make the image '{name}': {said[-300:]}")
        podman.run("commit", "--quiet", "--change", CLONED, made, name)
    finally:
        podman.run("rm", "-f", made, quiet=True)


def _debian(podman: Podman, tag: str, suite: str, packages: Sequence[str], user: str) -> str:
    """The name of the image of a Debian with these packages and a user who may become root."""
    sources, hook = sources_for(suite), finished(user)
    digest = hashlib.sha256("\0".join((*packages, hook, sources)).encode()).hexdigest()[:12]
    name = f"{IMAGES}/{tag}:{digest}"
    if not podman.has_image(name):
        with making():
            if not podman.has_image(name):
                _make(podman, suite, packages, hook, sources, name)
    return name


@contextlib.contextmanager
def making() -> Iterator[None]:
    """One at a time on this machine makes images, so that none is made twice."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sources_for(suite: str) -> str:
    """This machine's own sources of packages, for another suite where need be. NoHosts where there are none."""
    if not SOURCES.exists():
        raise NoHosts(f"Cannot make hosts: {SOURCES} is missing, which says where Debian's packages come from.")
    return re.sub(r"\b(bookworm|trixie)\b", suite, SOURCES.read_text())


def _make(podman: Podman, suite: str, packages: Sequence[str], hook: str, sources: str, name: str) -> None:
    """Makes the image. NoHosts with the last word of the tool that failed."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}"]
    command += ['--aptopt=Apt::Install-Recommends "false"', f"--customize-hook={hook}", "--format=tar"]
    command += ["--dpkgopt=force-unsafe-io"]  # what is not on the disk yet when the machine fails is made again
    command += [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("man", "doc", "locale")]
    command += ['--setup-hook=mkdir -p "$1/usr/share/man/man1"']  # Java's packages link pages there
    with tempfile.NamedTemporaryFile(suffix=".tar") as tar:
        made = subprocess.run(
            [*command, suite, tar.name, "-"], input=sources.encode(), capture_output=True, check=False
        )
        if made.returncode != 0:
            raise NoHosts(f"Cannot make the image '{name}': {_last(made.stderr)}.")
        podman.run("import", "--quiet", tar.name, name, timeout=SECONDS)


def _last(said: bytes) -> str:
    """The line that says why."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.startswith("E: ")]
    return lines[-1][3:300] if lines else "mmdebstrap failed"
