"""As a new user: the README's inventory, the installed archive, and every command of the guides that a lab can run.

One lab; each command is run once, in the order of the documents, and the README's teardown at the end. The guide of the
lab is run from a clone of the source. tests/support/guides.py says what is run, and why the rest is not.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.run.archive import build, install, tracked
from tests.support import guides
from tests.support.capacity import serving, status
from tests.support.playbooks import BIN, ROOT, Stage
from tests.support.waiting import until

OF_LAB = ("wcs_region", "wcs_vpc_id", "wcs_subnets", "wcs_key_name", "wcs_controller_cidrs", "wcs_seed_image_id")
NOT_OF_LAB = ("wcs_seed_private_key_file", "wcs_seed_image_name", "wcs_seed_image_owner", "wcs_seed_user")
QUICK = {"wcs_verify_hold": 1, "wcs_verify_rate": 100}
VAULT = "--vault-password-file ~/.wcs-vault"


class User:
    """A home folder with the installed collection, and the README's inventory with what the lab has in its place."""

    def __init__(self, home: Path, lab: Stage) -> None:
        self.folder, self.lab = home / "project", lab
        (self.folder / "group_vars" / "all").mkdir(parents=True)
        archive = build(home)
        (home / ".ansible").mkdir()
        install(archive, home / ".ansible")
        (self.folder / archive.name).write_bytes(archive.read_bytes())
        there = yaml.safe_load((lab.folder / "inventory.yml").read_text())["all"]
        (given,) = re.findall(r"```yaml\n(.*?)```", guides.README, re.S)
        mine = yaml.safe_load(given)["all"]["vars"]
        assert set(NOT_OF_LAB) < set(mine)
        assert mine["wcs_autoscaling_min_size"] == 2
        kept = {name: value for name, value in mine.items() if name not in NOT_OF_LAB}
        variables = kept | {name: there["vars"][name] for name in OF_LAB} | QUICK
        whole = {"all": {"vars": variables, "children": there["children"]}}
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(whole))
        self.vault = self.folder / "group_vars" / "all" / "vault.yml"
        self.vault.write_text("wcs_server_secret_settings: {rest_hook_secret_key: a-secret}\n")
        (home / ".wcs-vault").write_text("opens-nothing\n")
        (drift,) = guides.blocks(guides.guide("pipelines"), "yaml")
        (self.folder / "drift.yml").write_text(drift)
        (nodes,) = guides.blocks(guides.guide("inventory"), "yaml")
        (self.folder / "wcs.aws_ec2.yml").write_text(nodes.replace("eu-central-1", there["vars"]["wcs_region"]))
        self.environment = {
            **{name: value for name, value in lab.env.items() if not name.startswith("ANSIBLE_")},
            "HOME": str(home),
            "PATH": f"{BIN}{os.pathsep}{lab.env['PATH']}",
        }

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """How the command went, as a shell runs it."""
        command = command.replace("ansible-builder", f"{shlex.quote(sys.executable)} -m ansible_builder")
        if command.startswith("ansible -i"):  # the lab's nodes are processes, with no ssh
            command += f" -e ansible_connection=local -e ansible_python_interpreter={shlex.quote(sys.executable)}"
        if self.vault.read_text().startswith("$ANSIBLE_VAULT") and "vault" not in command:
            command += f" {VAULT}"
        return subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
            timeout=600,
        )  # fmt: skip

    def scaled_out(self) -> None:
        """The group with nodes to spare."""
        self.lab.client("autoscaling").set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=4)
        until(lambda: len(serving(status(self.lab))) == 4, 90, 0.2)


@pytest.fixture(scope="module")
def user(site_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> User:
    return User(tmp_path_factory.mktemp("home"), site_stage)


def test_every_command_does_what_the_document_says(user: User) -> None:
    seen: dict[str, str] = {}
    for command in guides.from_installed():
        if "scale_in" in command:
            user.scaled_out()
        done = user.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        seen[command] = done.stdout
    site = seen["ansible-playbook -i inventory.yml webcallserver.aws.site"]
    assert "Done: 9 added, 0 changed, 0 removed" in site
    assert re.search(r"^Connect to:\n  ws://\S+:8080$", site, re.M)
    assert "No changes" in seen["ansible-playbook -i inventory.yml webcallserver.aws.site --skip-tags wcs_verify"]
    graph = seen["ansible-inventory -i wcs.aws_ec2.yml --graph"]
    assert graph.count("--i-") >= 2
    assert "@nodes" in graph
    plan = json.loads((user.folder / "plan.json").read_text())
    names = [task["task"]["name"] for play in plan["plays"] for task in play["tasks"]]
    assert "Show what changes, and where to connect" in names
    assert user.vault.read_text().startswith("$ANSIBLE_VAULT;")
    assert (user.folder / "wcs-report.html").is_file()
    assert (user.folder / "ee" / "context" / "Containerfile").is_file()


def test_drift_is_an_exit_code_of_2(user: User) -> None:
    """After the teardown all is missing."""
    done = user.run("ansible-playbook -i inventory.yml drift.yml --check")
    assert done.returncode == 2
    assert "Fail where the account differs" in done.stdout


def test_the_guide_of_the_lab_is_run_from_a_clone(tmp_path: Path) -> None:
    """In one shell, as its reader does, since `. .lab/env` counts for what follows."""
    clone = tmp_path / "clone"
    for path in tracked():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, clone / path)
    (clone / ".venv").symlink_to(ROOT / ".venv")
    *before, last = guides.from_source()
    script = "\n".join(["set -e", f"trap '{last}' EXIT", *(f"echo '+ {one[:60]}'\n{one}" for one in before)])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    done = subprocess.run(
        ["sh", "-c", script], cwd=clone, env=kept, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert re.search(r"^Connect to:\n  ws://\S+:8080$", done.stdout, re.M)
    calls = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{") and "operation" in line]
    assert {"CreateImage", "CreateLoadBalancer", "CreateAutoScalingGroup"} <= {one["operation"] for one in calls}
