"""The whole procedure at AWS's own pace, where what is made is pending for longer than a task takes."""

from __future__ import annotations

from pathlib import Path

from tests.support.playbooks import Stage, stage

CHANGED = {"keep_alive.probes": 20}


def test_a_stack_comes_is_updated_and_goes_at_the_pace_of_aws(tmp_path: Path) -> None:
    with stage(tmp_path / "lab", "--speed", "1") as lab:
        done(lab, "site")
        assert done(lab, "site") == []
        done(lab, "update", wcs_server_settings=CHANGED)
        assert done(lab, "site", wcs_server_settings=CHANGED) == []
        done(lab, "teardown")


def done(lab: Stage, playbook: str, **variables: object) -> list[str]:
    """What the playbook, which must succeed, changed."""
    went = lab.play(playbook, **variables)
    assert went.code == 0, went.failure or went.text
    return went.changed
