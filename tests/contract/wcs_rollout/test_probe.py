"""wcs_rollout with `probe`: a new node is proven by a session with it, and one that takes none sends the group back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils._rollout import run
from plugins.module_utils._rollout.options import ARGUMENTS
from plugins.module_utils._steering.sessions_world import session_with
from tests.support.hostile import answering
from tests.support.standin import StandIn, machines
from tests.support.steering import Steered, pages  # noqa: F401 - a fixture


@pytest.fixture
def fleet(lab: Any, aws: Callable[..., Any]) -> Steered:
    fleet = Steered(lab, aws, 3)
    fleet.version(instance_type="c5.xlarge")
    return fleet


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[StandIn]:
    with machines(tmp_path) as install:
        yield install().start()


def addresses(fleet: Steered) -> dict[str, str]:
    """The public address of each member, by id."""
    rows = fleet.aws("ec2").describe_instances(InstanceIds=fleet.ids())["Reservations"]
    return {one["InstanceId"]: one["PublicIpAddress"] for row in rows for one in row["Instances"]}


@pytest.mark.usefixtures("pages")
def test_every_new_node_is_tried_once_and_no_old_one(fleet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr(run, "session_with", lambda params: lambda host: not tried.append(host))
    fleet.rollouts.check(group_name="wcs")
    assert tried == []
    fleet.rollouts.run(group_name="wcs")
    new = addresses(fleet)
    assert len(new) == 3
    assert sorted(one for one in tried if one in new.values()) == sorted(new.values())
    assert len(tried) == len(set(tried)) == 3


@pytest.mark.usefixtures("pages")
def test_a_node_that_takes_no_session_sends_the_group_back(fleet: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fleet.ids()
    monkeypatch.setattr(run, "session_with", lambda params: lambda host: False)
    failure = fleet.rollouts.fails(group_name="wcs", launch_timeout=60)
    assert "no session with it could be opened after 1 min" in str(failure)
    assert "The group is back at version 1; old nodes were not touched" in str(failure)
    assert (fleet.ids(), fleet.in_service(), fleet.traces()) == (before, before, [])


def options(**given: Any) -> dict[str, Any]:
    usual = {name: option.get("default") for name, option in ARGUMENTS.items()}
    return usual | {"stat_timeout": 1.0} | given


def test_a_session_with_a_server_is_opened_and_closed(standin: StandIn) -> None:
    assert session_with(options())(standin.public_ip)
    assert session_with(options(websocket_port=8080))(standin.private_ip)
    assert standin.count() == 0
    assert standin.log().count("established, appKey defaultApp") == 2


def test_what_makes_no_session_of_it_proves_nothing(standin: StandIn) -> None:
    assert not session_with(options(websocket_port=9))(standin.public_ip)
    assert not session_with(options(websocket_port=8081))(standin.public_ip)
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as authority:
        host, _, port = authority.partition(":")
        assert not session_with(options(websocket_port=int(port)))(host)
