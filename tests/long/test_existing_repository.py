"""`examples/existing-repository`, out of the installed archive, as its owner uses it: each playbook, then each again.

The lab takes the place of the account, folders and processes that of hosts: said in an inventory and variables besides.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.machines.live import HOME
from lab.machines.network import METADATA_PORT
from tests.run.archive import ansible, build, install
from tests.support import standin
from tests.support.playbooks import BIN, Played, Stage, played, stage

EXAMPLE = "collections/ansible_collections/webcallserver/aws/examples/existing-repository"
SECRETS = ("EXAMPLE-KEY-0001", "a-key-that-opens-nothing")
FOLDER = {
    "ansible_connection": "local",
    "ansible_python_interpreter": sys.executable,
    "ansible_ssh_private_key_file": "",
    "wcs_server_service": "script",
    "wcs_server_host_setup": False,
}
SEED = {
    **FOLDER,
    "seed_ip": "{{ hostvars.localhost.build.instances[0].private_ip_address }}",
    "seed_id": "{{ hostvars.localhost.build.instance_ids[0] }}",
    "wcs_server_home": "{{ lookup('env', 'WCS_LAB_DIR') }}/machines/{{ seed_id }}/disk/" + HOME,
    "wcs_server_address": "{{ seed_ip }}",
    "wcs_server_environment": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{{{{ seed_ip }}}}:{METADATA_PORT}"},
}


class Repository:
    """The example in a folder of its own, with a lab for its account."""

    def __init__(self, folder: Path, lab: Stage, servers: list[standin.StandIn]) -> None:
        self.folder, self.lab, self.servers = folder, lab, servers
        hosts = {f"media-{number}": on_premises(server) for number, server in enumerate(servers, 1)}
        (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {**hosts, "media-build": SEED}}}))
        about = lab.about()
        self.variables = {
            "media_operators": ["127.0.0.0/8"],
            "media_vpc_id": about["vpc_id"],
            "media_build_image": about["wcs_image_id"],
            "wcs_region": about["region"],
            "wcs_subnets": list(about["subnets"].values()),
            "wcs_key_name": about["key_name"],
            "wcs_verify_hold": 1,
            "wcs_verify_rate": 100,
        }

    def play(self, name: str, *options: str, **variables: Any) -> Played:
        command = [f"{BIN}/ansible-playbook", "-i", "inventory", "-i", "hosts.yml", f"playbooks/{name}.yml", *options]
        env = {**self.lab.env, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_PIPELINING": "true"}
        answer = played(
            subprocess.run(
                [*command, "-e", json.dumps(self.variables | variables)],
                cwd=self.folder,
                env=env,
                capture_output=True,
                text=True,
                check=False,
                timeout=600,
            )
        )
        assert [secret for secret in SECRETS if secret in answer.text] == []
        return answer

    def settles(self, name: str) -> Played:
        """The first run of a playbook; the second one wrote and changed nothing."""
        first = self.play(name)
        assert first.code == 0, first.failure or first.text
        before = len(self.lab.calls())
        again = self.play(name)
        assert (again.code, again.changed) == (0, []), again.failure
        assert self.lab.calls()[before:] == []
        return first


def on_premises(server: standin.StandIn) -> dict[str, Any]:
    home = server.home.parent / "FlashphonerWebCallServer"
    return {
        **FOLDER,
        "ansible_host": server.private_ip,
        "wcs_server_home": str(home),
        "wcs_server_address": server.private_ip,
    }


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    user = tmp_path_factory.mktemp("user")
    install(build(tmp_path_factory.mktemp("built")), user)
    folder = user / "repository"
    shutil.copytree(user / EXAMPLE, folder)
    shutil.move(user / "collections", folder)
    servers = tmp_path_factory.mktemp("servers")
    with standin.machines(servers) as installed, stage(tmp_path_factory.mktemp("lab")) as lab:
        yield Repository(folder, lab, [installed(), installed()])


def test_what_it_requires_is_what_it_gets(repository):
    answer = ansible(
        repository.folder, "ansible-galaxy", "collection", "install", "--offline", "-r", "requirements.yml"
    )
    assert "All requested collections are already installed" in answer


def test_its_own_hosts_are_configured_and_proven(repository):
    answer = repository.settles("on_premises")
    assert "was established and closed" in answer.said("WCS is ready for the balancer")
    assert "'connections_websocket': 0" in answer.said("Tell them").replace('"', "'")
    for server in repository.servers:
        settings = (server.home / "conf" / "flashphoner.properties").read_text()
        assert "rest_hook_secret_key=a-key-that-opens-nothing" in settings.replace(" ", "")
        assert (server.home / "conf" / "flashphoner.license").exists()


def test_a_dry_run_goes_through_before_anything_is_there(repository):
    answer = repository.play("fleet", "--check")
    assert answer.code == 0, answer.failure or answer.text
    assert repository.lab.calls() == []


def test_an_image_of_its_own_host_with_its_own_security_groups(repository):
    """image.yml begins with network.yml."""
    answer = repository.play("image")
    assert answer.code == 0, answer.failure or answer.text
    writes = repository.lab.calls()
    assert [writes.count(f"ec2:{name}") for name in ("RunInstances", "CreateImage", "TerminateInstances")] == [1, 1, 1]


def test_a_fleet_of_that_image_which_is_not_made_again(repository):
    """fleet.yml begins with image.yml, so this is the second run of that, too."""
    answer = repository.settles("fleet")
    assert answer.changed == ["localhost: Make or change the balancer", "localhost: Make or change the group"]
    assert "spread over 2 nodes" in answer.said("Group, balancer and nodes agree, and sessions reach every node")


def test_no_secret_is_in_the_account(repository):
    ec2 = repository.lab.client("ec2")
    instances = [one["InstanceId"] for part in ec2.describe_instances()["Reservations"] for one in part["Instances"]]
    given = [ec2.describe_instance_attribute(InstanceId=one, Attribute="userData")["UserData"] for one in instances]
    given = [one.get("Value") for one in given]
    template = ec2.describe_launch_template_versions(LaunchTemplateName="media")["LaunchTemplateVersions"]
    given += [version["LaunchTemplateData"].get("UserData") for version in template]
    user_data = [base64.b64decode(one or "").decode(errors="replace") for one in given]
    shown = [ec2.describe_images(Owners=["self"]), ec2.describe_instances(), ec2.describe_tags(), template, user_data]
    text = json.dumps(shown, default=str)
    assert "media-" in text, "of the image's name, its fingerprint"
    for secret in SECRETS:
        assert secret not in text


def test_a_report(repository):
    answer = repository.play("report")
    assert (answer.code, answer.changed) == (0, ["localhost: Write the report"]), answer.failure
    assert "media" in (repository.folder / "report.html").read_text()


def test_all_of_it_goes(repository):
    repository.settles("remove")
    shown = json.loads(repository.lab.lab("status", "--json"))
    assert [instance for instance in shown["instances"] if instance["state"] != "terminated"] == []
    assert (shown["balancers"], shown["groups"], shown["images"]) == ([], [], [])


def test_every_playbook_was_run(repository):
    """Those that are not are told here: they have no test above."""
    names = sorted(path.stem for path in (repository.folder / "playbooks").glob("*.yml"))
    assert names == ["fleet", "image", "network", "on_premises", "remove", "report"]
