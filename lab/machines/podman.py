# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""podman, run with settings of our own, so that containers boot systemd wherever this is root on Linux.

Neither the settings nor the storage of the user's own podman are changed; what is made bears names and labels by which
whoever made it removes it again.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOOLS = ("podman", "mmdebstrap", "ip", "nsenter", "ssh-keygen")
RUNTIMES = ("runc", "crun")  # crun refuses hybrid control groups
NETAVARK = ("/usr/lib/podman/netavark", "/usr/libexec/podman/netavark", "/usr/local/libexec/podman/netavark")
INSTALLER = "extensions/molecule/install.sh"
OPEN_FILES, PROCESSES = 65536, 4096
LABEL = "webcallserver.aws.lab"
NETWORKS = "networks"
SETTINGS = """\
[engine]
cgroup_manager = "cgroupfs"
runtime = "{runtime}"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "{networks}"
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]
"""


class NoHosts(Exception):
    """Hosts cannot be had here, or podman would not do something; says why and what to do."""


def hindrance() -> str:
    """Why no hosts can be had on this machine, with the way out; "" where they can."""
    if os.geteuid() != 0:
        return "real hosts need root: systemd in containers with addresses of their own"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    missing += [] if any(map(shutil.which, RUNTIMES)) else ["runc"]
    missing += [] if any(map(os.path.exists, NETAVARK)) else ["netavark"]
    return f"{', '.join(missing)} missing: run 'sh {INSTALLER}' as root, or install by other means" if missing else ""


@dataclass(frozen=True)
class Podman:
    """Runs podman; `settings` is the file it takes its settings from."""

    settings: Path

    @classmethod
    def at(cls, folder: Path) -> Podman:
        """podman with its settings in `folder`; NoHosts where hosts cannot be had."""
        if reason := hindrance():
            raise NoHosts(f"Cannot make hosts: {reason}.")
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "containers.conf"
        files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], OPEN_FILES)
        runtime = next(filter(shutil.which, RUNTIMES))
        podman = cls(settings)
        settings.write_text(
            SETTINGS.format(runtime=runtime, files=files, processes=PROCESSES, networks=podman.networks)
        )
        return podman

    @property
    def networks(self) -> Path:
        """The folder in which podman keeps its networks: one beside the settings, not the machine's."""
        return self.settings.resolve().with_name(NETWORKS)

    def run(self, *words: str | Path, timeout: float = 120, quiet: bool = False) -> str:
        """What podman prints. NoHosts with its last word where it fails, unless `quiet`."""
        command = ["podman", *map(str, words)]
        try:
            done = subprocess.run(
                command, env=self.environment(), capture_output=True, text=True, check=False, timeout=timeout
            )
        except subprocess.TimeoutExpired as late:
            raise NoHosts(f"'{' '.join(command[:3])}' did not end within {timeout:g} s.") from late
        if done.returncode != 0 and not quiet:
            said = [line for line in done.stderr.splitlines() if line.strip()]
            raise NoHosts(f"'{' '.join(command[:3])}' failed: {said[-1] if said else done.returncode}")
        return done.stdout.strip()

    def environment(self) -> Mapping[str, str]:
        """The environment to run podman in."""
        return {**os.environ, "CONTAINERS_CONF": str(self.settings)}

    def has_image(self, name: str) -> bool:
        """Whether there is an image of that name."""
        return bool(self.run("images", "-q", name))

    def pid(self, container: str) -> int | None:
        """The process id of a container's init; None where it does not run."""
        found = self.run("inspect", "--format", "{{.State.Pid}}", container, quiet=True)
        return int(found) if found.isdigit() and int(found) > 0 else None

    def remove(self, owner: str) -> int:
        """Removes the containers, images and the network that are `owner`'s; how many containers there were."""
        containers = self.run("ps", "-aq", "--filter", f"label={LABEL}={owner}").split()
        if containers:
            self.run("rm", "-f", "-t", "0", *containers)
        images = self.run("images", "-q", "--filter", f"label={LABEL}={owner}").split()
        if images:
            self.run("rmi", "-f", *dict.fromkeys(images), quiet=True)
        return len(containers)
