"""What people should know of a group that its nodes do not show."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._group.journal import ROLLOUT, Journal
from plugins.module_utils._stack import notices as _notices
from plugins.module_utils._stack.notices import source
from plugins.module_utils._stack.value import Stack

AT = 1_795_000_000.0
SINCE = "2026-11-18T11:06:40Z"
OTHER = {"launch_template_id": "lt-2"}
TEMPLATE = {"launch_template_id": "lt-1", "launch_template_name": "wcs", "version": "4"}


def group(journal: str | None = None, **more: Any) -> dict[str, Any]:
    tags = {ROLLOUT: journal} if journal is not None else {}
    return {"auto_scaling_group_name": "wcs", "tags": tags, "launch_template": TEMPLATE, **more}


def notices(group: dict[str, Any] | None, source_there: bool) -> list[str]:
    return _notices.notices(Stack("wcs", group=group), source_there)


def test_nothing_is_said_of_a_group_at_rest() -> None:
    assert notices(group(), True) == []
    assert notices(None, False) == []
    assert notices({"auto_scaling_group_name": "wcs"}, True) == []


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        (
            Journal(AT),
            (
                f"a drain of group 'wcs' is open since {SINCE}: run scale_in again to go on, or with "
                "wcs_scale_in_state=in_service to take it back"
            ),
        ),
        (
            Journal(AT, source="4", target="5"),
            (
                f"a rollout of group 'wcs' from version 4 to 5 is open since {SINCE}: run update again to go on, "
                "or with wcs_update_state=rolled_back to take it back"
            ),
        ),
        (
            Journal(AT, source="4", target="5", phase="back", why="no session"),
            (
                f"a rollout of group 'wcs' from version 4 to 5 is being taken back since {SINCE} (no session): "
                "run update to go on"
            ),
        ),
    ],
)
def test_h8_open_work_is_said_and_the_way_on_and_back(written: Journal, answer: str) -> None:
    assert notices(group(written.text()), True) == [answer]


def test_a_tag_that_cannot_be_read_is_open_work_all_the_same() -> None:
    assert "its tag cannot be read" in notices(group("nonsense"), True)[0]


@pytest.mark.parametrize(
    ("of", "answer"),
    [
        (group(), "launch template 'wcs' version 4 of group 'wcs' is gone"),
        (
            group(launch_template=None, launch_configuration_name="wcs-0123456789ab"),
            "launch configuration 'wcs-0123456789ab' of group 'wcs' is gone",
        ),
        (
            group(
                launch_template=None,
                mixed_instances_policy={
                    "launch_template": {"launch_template_specification": {"launch_template_id": "lt-2"}}
                },
            ),
            "launch template 'lt-2' of group 'wcs' is gone",
        ),
    ],
)
def test_w6_a_source_that_is_gone_is_named(of: dict[str, Any], answer: str) -> None:
    assert notices(of, False) == [f"{answer}: no node can be launched. Run site to mend it"]


def test_the_template_of_a_group() -> None:
    assert source(group()) == TEMPLATE
    assert source({"launch_configuration_name": "wcs-0123456789ab"}) == {}


def test_members_that_are_kept_after_their_end_are_said() -> None:
    one = {"instance_id": "i-1", "lifecycle_state": "Terminating:Retained"}
    (seen,) = notices(group(instances=[one, {"instance_id": "i-2", "lifecycle_state": "InService"}]), True)
    assert seen.startswith("i-1 is Terminating:Retained in group 'wcs': no session comes any more")
