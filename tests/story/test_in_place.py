"""How modules are started and reach AWS: packed and in place they answer alike; module_defaults reach roles."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.playbooks import ROOT, Played, Stage, played, stage

PLAY = """
- hosts: localhost
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  tasks:
    - name: Make a balancer
      webcallserver.aws.wcs_classic_elb: {name: wcs, zones: "{{ zones }}", wait: false}
    - name: Make it again
      webcallserver.aws.wcs_classic_elb: {name: wcs, zones: "{{ zones }}", wait: false}
    - name: Look at the stack
      webcallserver.aws.wcs_stack_info: {name: wcs}
    - name: Remove it
      webcallserver.aws.wcs_classic_elb: {name: wcs, state: absent}
"""


DEFAULTS = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  module_defaults:
    group/webcallserver.aws.all:
      {region: us-east-1, endpoint_url: "{{ url }}", access_key: "{{ key }}", secret_key: "{{ secret }}"}
  tasks:
    - name: Look for images
      amazon.aws.ec2_ami_info: {owners: [self]}
    - name: Plan a balancer
      ansible.builtin.import_role: {name: webcallserver.aws.wcs_balancer}
    - name: Plan it with a profile that is not there
      ansible.builtin.import_role: {name: webcallserver.aws.wcs_balancer}
      vars: {wcs_profile: nobody}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("in_place") / ".lab", "--machines", "imaginary", "--default-vpc") as ready:
        yield ready


def play(lab: Stage, path: Path, text: str, *options: str, bare: bool = False, **variables: Any) -> Played:
    """How a play of the test's own went; `bare`: with nothing of AWS in its environment and inventory."""
    path.write_text(text)
    command, how = lab.command("site", *options, **variables)
    command[command.index(f"{ROOT}/playbooks/site.yml")] = str(path)
    if bare:
        command[command.index(f"{lab.folder}/inventory.yml")] = "localhost,"
        how["env"] = {name: value for name, value in how["env"].items() if not name.startswith("AWS_")}
    return played(subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **how))


def answers(lab: Stage, folder: Path, here: bool) -> list[tuple[str, bool, object]]:
    done = play(lab, folder / "play.yml", PLAY, zones=["us-east-1a"], wcs_in_place=here)
    assert done.code == 0, done.failure or done.text
    return [(task.name, task.changed, task.result.get("actions")) for task in done.tasks]


def test_with_starting_in_place_off_every_answer_is_the_same(lab: Stage, tmp_path: Path) -> None:
    here, packed = answers(lab, tmp_path, True), answers(lab, tmp_path, False)
    assert here == packed
    assert [changed for _, changed, _ in here] == [True, False, False, True]


def test_module_defaults_reach_modules_and_roles_and_variables_count_before_them(lab: Stage, tmp_path: Path) -> None:
    secrets = {"key": lab.env["AWS_ACCESS_KEY_ID"], "secret": lab.env["AWS_SECRET_ACCESS_KEY"]}
    where = {"url": lab.env["AWS_ENDPOINT_URL"], "wcs_subnets": list(lab.about()["subnets"].values())}
    done = play(lab, tmp_path / "play.yml", DEFAULTS, "--check", bare=True, **secrets, **where)
    planned = [task for task in done.tasks if task.name == "Make or change the balancer"]
    assert planned[0].result["actions"][0] == "elb:CreateLoadBalancer", done.failure or done.text
    assert "profile" in done.failure
    assert planned[-1].failed
