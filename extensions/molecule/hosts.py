"""Makes and removes what a scenario runs on, as its inventory says: real hosts, or a lab.

    hosts.py up --plan INVENTORY --dir FOLDER      makes it, and writes how to reach it to FOLDER/inventory
    hosts.py clone --dir FOLDER HOST NAME ...      images a host, and starts others from that
    hosts.py down --dir FOLDER                     removes all of it

In the inventory a host has `molecule_system` (debian12, debian13, and the likenesses amazon2023, rhel8, rhel9);
`molecule_wcs`, the version of the stand-in that is installed on it; `molecule_metadata`: whether it has the metadata
service at 169.254.169.254 and a public address, and after how many seconds; `molecule_group`: of which group it
is a member to that, in service and with an instance profile; `molecule_options`: more words for podman.
In `all`, `molecule_lab` asks for a lab instead (its options), and `molecule_internet` lets the hosts reach this
machine's package sources.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab.machines import Credentials, Known, MachineSpec, netns  # noqa: E402
from lab.machines.containers import METADATA_ADDRESS, Containers, new_key, server_image  # noqa: E402
from lab.machines.metadata import Metadata, MetadataServer  # noqa: E402
from lab.machines.podman import NoHosts  # noqa: E402
from lab.machines.rootfs import base_image, user_of  # noqa: E402

KIND, FOUND = "molecule", "inventory/hosts.yml"
SSH_SECONDS = 60.0
AWS = {  # settings of AWS's clients, by the variable that has them, too
    "AWS_ENDPOINT_URL": "endpoint_url",
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_REGION": "region",
}


class Hosts:
    """The hosts of one scenario, and the file that tells Ansible of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.containers = folder, Containers.of(folder, KIND)
        self.key = new_key(folder / "key")

    def start(self, name: str, image: str, number: int, given: Mapping[str, Any]) -> dict[str, Any]:
        """Boots a host; what Ansible has to know of it, once it answers."""
        block = self.containers.network()
        private, public = f"{block}.1.{number}", f"{block}.101.{number}" if given.get("molecule_public", True) else ""
        self.containers.create(name, image, private, shlex.split(given.get("molecule_options", "")))
        delay = given.get("molecule_metadata")
        extra = [] if delay is None else [METADATA_ADDRESS, *([public] if public else [])]
        pid = self.containers.prepare(name, extra, self.key)
        if delay is not None:
            self._tell(pid, private, public, float(delay), given.get("molecule_group", ""))
        self.containers.start(name)
        _until_ssh_answers(private)
        return {
            "ansible_user": user_of(given.get("molecule_system", "debian12")),
            "ansible_host": private,
            "molecule_private": private,
            "molecule_public": public,
        }

    def write(self, known: Mapping[str, Mapping[str, Any]]) -> None:
        """Tells Ansible of these hosts besides those it has been told of."""
        file = self.folder / FOUND
        before = yaml.safe_load(file.read_text())["all"]["hosts"] if file.exists() else {}
        options = f"-o UserKnownHostsFile={self.folder}/known_hosts -o StrictHostKeyChecking=accept-new"
        common = {
            "ansible_ssh_private_key_file": f"{self.folder}/key",
            "ansible_ssh_common_args": options,
            "molecule_tools": [sys.executable, str(Path(__file__).resolve())],
            "molecule_dir": str(self.folder),
        }
        hosts = {name: {**common, **facts} for name, facts in {**before, **known}.items()}
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))

    def _tell(self, pid: int, private: str, public: str, delay: float, group: str) -> None:
        """Starts a process that serves the metadata of a host as long as that lives."""
        command = [
            sys.executable,
            __file__,
            "metadata",
            "--dir",
            str(self.folder),
            str(pid),
            private,
            public,
            str(delay),
            group,
        ]
        subprocess.Popen(command, start_new_session=True, stdin=-3, stdout=-3, stderr=-3)


def up(options: argparse.Namespace) -> None:
    plan = yaml.safe_load(options.plan.read_text())["all"]
    asked, hosts = plan.get("vars") or {}, plan.get("hosts") or {}
    options.dir.mkdir(parents=True, exist_ok=True)
    if "molecule_lab" in asked:
        lab_up(options.dir, shlex.split(asked["molecule_lab"] or ""))
        return
    made = Hosts(options.dir)
    made.containers.clear()
    made.containers.claim(internal=not asked.get("molecule_internet"))
    podman = made.containers.podman
    images = {
        name: server_image(podman, given["molecule_system"], given["molecule_wcs"])
        if "molecule_wcs" in given
        else base_image(podman, given["molecule_system"])
        for name, given in hosts.items()
    }
    with ThreadPoolExecutor(8) as pool:
        numbers = range(4, 4 + len(hosts))
        made.write(dict(zip(hosts, pool.map(made.start, hosts, images.values(), numbers, hosts.values()), strict=True)))


def clone(options: argparse.Namespace) -> None:
    made = Hosts(options.dir)
    made.containers.commit(options.host, options.host)
    image, count = (
        made.containers.image(options.host),
        len(yaml.safe_load((options.dir / FOUND).read_text())["all"]["hosts"]),
    )
    given = [{"molecule_metadata": 3.0, "molecule_public": not name.endswith("-private")} for name in options.names]
    with ThreadPoolExecutor(8) as pool:
        numbers = range(4 + count, 4 + count + len(options.names))
        started = pool.map(made.start, options.names, [image] * len(given), numbers, given)
        made.write(dict(zip(options.names, started, strict=True)))


def down(options: argparse.Namespace) -> None:
    if (options.dir / "lab").exists():
        _lab("down", options.dir / "lab")
    if (options.dir / "containers.conf").exists():
        Containers.of(options.dir, KIND).clear()
    shutil.rmtree(options.dir, ignore_errors=True)


def metadata(options: argparse.Namespace) -> None:
    """Serves a host's metadata until the host ends."""
    time.sleep(options.delay)
    spec = MachineSpec(
        instance_id="i-0123456789abcdef0",
        image_id="ami-0123456789abcdef0",
        private_ip=options.private,
        public_ip=options.public or None,
        region="us-east-1",
        zone="us-east-1a",
        instance_type="c5.large",
        metadata_required=True,
    )
    known = member_of(options.group) if options.group else Known()
    server = netns.inside(options.pid, lambda: MetadataServer(Metadata(spec, known), METADATA_ADDRESS, 80))
    while os.path.exists(f"/proc/{options.pid}"):  # noqa: PTH110
        time.sleep(0.5)
    server.close()


def member_of(group: str) -> Known:
    """What the metadata of a member of a group tell, that has an instance profile."""
    profile = "arn:aws:iam::123456789012:instance-profile/wcs-node"
    given = Credentials(profile, "wcs-node", "ASIA234567ABCDEFGHIJ", "secret", "token", "2099-01-01T00:00:00Z")
    return Known(lambda _: "InService", lambda _: {"aws:autoscaling:groupName": group}, lambda _: given)


def lab_up(folder: Path, options: Sequence[str]) -> None:
    """A lab that is up, and an inventory that leads to it."""
    _lab("up", folder / "lab", *options)
    about = json.loads((folder / "lab" / "lab.json").read_text())
    inventory = yaml.safe_load((folder / "lab" / "inventory.yml").read_text())
    lines = (folder / "lab" / "env").read_text().splitlines()
    exports = [shlex.split(line)[1].partition("=")[::2] for line in lines if "=" in line]
    inventory["all"]["vars"] |= {
        "molecule_lab_about": about,
        "molecule_lab_verb": [sys.executable, "-m", "lab"],
    }
    (folder / "aws").write_text(
        "[default]\n" + "".join(f"{AWS[key]} = {value}\n" for key, value in exports if key in AWS)
    )
    (folder / FOUND).parent.mkdir(exist_ok=True)
    (folder / FOUND).write_text(yaml.safe_dump(inventory))


def _lab(verb: str, folder: Path, *options: str) -> None:
    command = [sys.executable, "-m", "lab", verb, "--dir", str(folder), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoHosts(done.stderr.strip())


def _until_ssh_answers(address: str) -> None:
    deadline = time.monotonic() + SSH_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((address, 22), 2) as connection:
                if connection.recv(8).startswith(b"SSH-"):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise NoHosts(f"No sshd answers at {address} within {SSH_SECONDS:g} s.")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    verbs = parser.add_subparsers(required=True)
    made = {}
    for function in (up, clone, down, metadata):
        made[function.__name__] = verbs.add_parser(function.__name__)
        made[function.__name__].set_defaults(verb=function)
        made[function.__name__].add_argument("--dir", type=Path, required=True)
    made["up"].add_argument("--plan", type=Path, required=True)
    made["clone"].add_argument("host")
    made["clone"].add_argument("names", nargs="+")
    for name, kind in (("pid", int), ("private", str), ("public", str), ("delay", float), ("group", str)):
        made["metadata"].add_argument(name, type=kind)
    options = parser.parse_args()
    options.dir = options.dir.resolve()
    try:
        options.verb(options)
    except NoHosts as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
