"""A module that is packed, as Ansible does with any, answers as one that is started in place: that only saves time."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.playbooks import ROOT, Stage, played, stage

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


def answers(lab: Stage, folder: Path, setting: str) -> list[tuple[str, bool, object]]:
    play = folder / "play.yml"
    play.write_text(PLAY)
    command, how = lab.command("site", zones=["us-east-1a"])
    command[command.index(f"{ROOT}/playbooks/site.yml")] = str(play)
    how["env"] = {**how["env"], "WCS_IN_PLACE": setting}
    done = played(subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **how))
    assert done.code == 0, done.failure or done.text
    return [(task.name, task.changed, task.result.get("actions")) for task in done.tasks]


def test_with_starting_in_place_off_every_answer_is_the_same(tmp_path: Path) -> None:
    with stage(tmp_path / ".lab", "--machines", "imaginary", "--default-vpc") as lab:
        here, packed = answers(lab, tmp_path, ""), answers(lab, tmp_path, "0")
    assert here == packed
    assert [changed for _, changed, _ in here] == [True, False, False, True]
