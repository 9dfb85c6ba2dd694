"""wcs_steward on this machine, in a dry run: a user that the role did not make is neither taken nor removed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.playbooks import BIN, ROOT, Played, environment, played

OF_OTHERS = ("root", "nobody")
"""Users that every host has, with their uids for names, too."""


def steward(folder: Path, **variables: Any) -> Played:
    """How a dry run of the playbook went."""
    given = {
        "wcs_steward_hosts": "localhost",
        "wcs_steward_become": False,
        "wcs_steward_sessions_per_node": 20,
        "wcs_stack_name": "nowhere",
        "ansible_python_interpreter": f"{BIN}/python",
    }
    command = [f"{BIN}/ansible-playbook", "-c", "local", "-i", "localhost,", "--check", f"{ROOT}/playbooks/steward.yml"]
    how = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_LOCAL_TEMP": str(folder)}
    return played(
        subprocess.run(
            [*command, "-e", json.dumps(given | variables)],
            cwd=ROOT,
            env=environment(folder) | how,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    )


@pytest.mark.parametrize("user", [*OF_OTHERS, "0"])
def test_a_user_that_is_there_already_is_refused_before_anything_is_touched(tmp_path: Path, user: str) -> None:
    went = steward(tmp_path, wcs_steward_user=user)
    assert went.failure == (
        f"Cannot install the steward: user '{user}' is there already, and this role did not create it. "
        "Set wcs_steward_user to a name that is free."
    )
    assert went.changed == []


@pytest.mark.parametrize("user", OF_OTHERS)
def test_removing_the_steward_leaves_a_user_that_it_did_not_create(tmp_path: Path, user: str) -> None:
    went = steward(tmp_path, wcs_steward_user=user, wcs_steward_state="absent")
    assert (went.code, went.changed) == (0, []), went.failure or went.text
