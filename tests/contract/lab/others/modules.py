"""Modules of amazon.aws and community.aws, run in this process against a lab: what they send never leaves it."""

from __future__ import annotations

import contextlib
import importlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import ansible.module_utils.basic as basic
import boto3
from ansible.module_utils.basic import AnsibleModule
from botocore.httpsession import URLLib3Session

from lab.api.inprocess import send
from lab.core.lab import Lab

COLLECTIONS = {"autoscaling_launch_config", "autoscaling_lifecycle_hook", "autoscaling_policy", "ec2_ami_copy"}
COLLECTIONS |= {"autoscaling_scheduled_action", "elb_instance", "ec2_snapshot_copy"}
"""The modules of community.aws; all others are amazon.aws's."""
CONNECTION = {"region": "us-east-1", "access_key": "LABLABLABLABLABLABLA", "secret_key": "opens-nothing"}


class _Ended(BaseException):
    """The module has answered."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer))
        self.answer = answer


def _exit(_module: AnsibleModule, **answer: Any) -> None:
    raise _Ended({"changed": False, **answer})


def _fail(_module: AnsibleModule, msg: str = "", **answer: Any) -> None:
    raise _Ended({**answer, "msg": msg, "failed": True})


@cache
def _client(service: str, region: str) -> Any:
    """A client as the modules make them; one for all, since making it takes longer than most of what is asked."""
    keys = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}
    return boto3.session.Session().client(service, region_name=region, **keys)


def _connect(_module: Any, resource: str, region: str, **_: Any) -> Any:
    return _client(resource, region)


@dataclass
class Modules:
    """Runs modules of other collections; while one waits, time passes in the lab."""

    lab: Lab

    def run(self, name: str, /, check: bool = False, **options: Any) -> dict[str, Any]:
        """The module's answer; AssertionError where it fails."""
        answer = self.attempt(name, check, **options)
        assert not answer.get("failed"), answer
        return answer

    def attempt(self, name: str, /, check: bool = False, **options: Any) -> dict[str, Any]:
        """The module's answer, also where it fails."""
        collection = "community" if name in COLLECTIONS else "amazon"
        module = importlib.import_module(f"ansible_collections.{collection}.aws.plugins.modules.{name}")
        given = {"ANSIBLE_MODULE_ARGS": {**CONNECTION, **options, "_ansible_check_mode": check}}
        with self._apart(json.dumps(given).encode()):
            try:
                module.main()
            except _Ended as ended:
                return dict(ended.answer)
        raise AssertionError(f"{name} ended without an answer")

    @contextlib.contextmanager
    def _apart(self, arguments: bytes) -> Iterator[None]:
        """Within it no request leaves the process, no sleep takes time, and a module's end is told."""
        began, start = time.time(), self.lab.clock.now()
        with (
            patch.object(basic, "_ANSIBLE_ARGS", arguments),
            patch.object(basic, "_ANSIBLE_PROFILE", "legacy"),
            patch.object(AnsibleModule, "exit_json", _exit),
            patch.object(AnsibleModule, "fail_json", _fail),
            patch("ansible_collections.amazon.aws.plugins.module_utils.modules.boto3_conn", _connect),
            patch.object(URLLib3Session, "send", lambda _session, request: send(request)),
            patch("time.sleep", lambda seconds: self.lab.run(max(float(seconds), 1.0))),
            patch("time.time", lambda: began + self.lab.clock.now() - start),
        ):
            yield
