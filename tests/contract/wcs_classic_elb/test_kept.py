"""Nothing of a balancer is lost for want of a name: what botocore's model knows of it is written back.

Each member of the call's input shape, and one that only a later botocore knows, is put into what AWS answers, one at a
time and in pairs; then one option of ours changes. What AWS leaves alone when it is not named is not sent.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.modules import wcs_classic_elb
from tests.contract.wcs_classic_elb.conftest import TLS12, balancer_bench, certificate
from tests.support import shapes
from tests.support.overlay import Overlay
from tests.support.shapes import EACH, FUTURE, Path

PAIRS = 60 if os.environ.get("WCS_TEST_ALL") else 20
Raw = dict[str, Any]
NAME = "wcs"
PARTS = ("HealthCheck", "Listener", "AccessLog", "ConnectionDraining", "ConnectionSettings", "CrossZoneLoadBalancing")
MODEL = shapes.later_model("elb", *PARTS)
DESCRIBE, ATTRIBUTES = "DescribeLoadBalancers", "DescribeLoadBalancerAttributes"
KNOWN = {
    "Target": ["HTTP:8081/?action=stat", "TCP:8080", "SSL:443", "HTTPS:8444/live"],
    "InstanceProtocol": ["HTTP", "HTTPS"],
    "Interval": [10, 30],
    "Protocol": ["HTTPS"],
    "Scheme": ["internal"],
    "InstanceId": ["i-0123456789abcdef0"],
    "Subnets": ["subnet-0a1b2c3d"],
    "Timeout": [2, 3],
    "IdleTimeout": [60, 600],
    "EmitInterval": [5, 60],
    "HealthyThreshold": [3, 5],
    "UnhealthyThreshold": [3, 5],
}


def there(answer: Raw) -> Raw:
    """The balancer in an answer, its web listener first."""
    found: Raw = answer["LoadBalancerDescriptions"][0]
    found["ListenerDescriptions"].sort(key=lambda one: -int(one["Listener"]["LoadBalancerPort"]))
    return found


@dataclass(frozen=True)
class Case:
    """A part of a balancer: the call that writes it, the answer that has it, and options that change one member.

    `whole`: it is written as a whole, else only the structures that change.
    """

    operation: str
    root: Path
    answer: str
    find: Callable[[Raw], Raw]
    changes: tuple[tuple[Path, dict[str, Any]], ...]
    whole: bool = True

    @property
    def shape(self) -> Any:
        return shapes.within(MODEL.operation_model(self.operation).input_shape, self.root)


def first_listener(answer: Raw) -> Raw:
    found: Raw = there(answer)["ListenerDescriptions"][0]["Listener"]
    return found


CASES = {
    "health check": Case(
        "ConfigureHealthCheck",
        ("HealthCheck",),
        DESCRIBE,
        lambda answer: there(answer)["HealthCheck"],
        (
            (("UnhealthyThreshold",), {"health_check": {"unhealthy_threshold": 7}}),
            (("Interval",), {"health_check": {"interval": 60}}),
            (("Target",), {"health_check": {"protocol": "tcp", "port": 9000}}),
        ),
    ),
    "attributes": Case(
        "ModifyLoadBalancerAttributes",
        ("LoadBalancerAttributes",),
        ATTRIBUTES,
        lambda answer: answer["LoadBalancerAttributes"],
        (
            (("ConnectionSettings", "IdleTimeout"), {"idle_timeout": 61}),
            (("CrossZoneLoadBalancing", "Enabled"), {"cross_zone": False}),
            (("ConnectionDraining", "Timeout"), {"connection_draining": 61}),
            (("AccessLog", "S3BucketName"), {"access_log": {"bucket": "others"}}),
        ),
        whole=False,
    ),
    "log that is off": Case(
        "ModifyLoadBalancerAttributes",
        ("LoadBalancerAttributes",),
        ATTRIBUTES,
        lambda answer: off(answer["LoadBalancerAttributes"]),
        ((("AccessLog", "Enabled"), {"access_log": {"enabled": True}}),),
        whole=False,
    ),
    "listener": Case(
        "CreateLoadBalancerListeners",
        ("Listeners", EACH),
        DESCRIBE,
        first_listener,
        (
            (("InstancePort",), {"listeners": [{"protocol": "https", "load_balancer_port": 8443, "instance_port": 9}]}),
            (
                ("InstanceProtocol",),
                {"listeners": [{"protocol": "https", "load_balancer_port": 8443, "instance_protocol": "https"}]},
            ),
        ),
    ),
}

EXCEPTIONS = {
    ("CreateLoadBalancerListeners", "Protocol"): "an option that is always given",
    ("CreateLoadBalancerListeners", "LoadBalancerPort"): "which listener it is",
}


def off(attributes: Raw) -> Raw:
    """The attributes with a log that was turned off: AWS may remember where it went."""
    attributes["AccessLog"] = {**attributes["AccessLog"], "Enabled": False}
    return attributes


class Account:
    """A lab with a balancer that has one of each part, and answers that can be changed."""

    def __init__(self) -> None:
        self.lab = open_lab()
        self.overlay = Overlay(clients(self.lab), models={"elb": MODEL})
        self.bench = balancer_bench(self.lab, self.overlay)
        secure = {"protocol": "https", "load_balancer_port": 8443, "instance_port": 8080, "ssl_policy": TLS12}
        arns = [certificate(self.bench, name) for name in ("a.example.com", "b.example.com")]
        shapes.KNOWN.update({**KNOWN, "SSLCertificateId": arns})
        self.bench.run(
            name=NAME,
            subnets=self.lab.account.subnet_ids,
            listeners=[
                {**secure, "certificate_arn": arns[0], "stickiness": {"type": "loadbalancer"}},
                {"protocol": "tcp", "load_balancer_port": 8080},
            ],
            access_log={"bucket": "logs", "prefix": "wcs"},
        )

    def answers(self, operation: str, change: Callable[[Raw], None]) -> Raw:
        """The answer as it is from now on."""
        self.overlay.changes.clear()
        self.overlay.changes[operation] = change
        named: Raw = {"LoadBalancerName": NAME} if operation == ATTRIBUTES else {"LoadBalancerNames": [NAME]}
        answer: Raw = self.overlay("elb")._make_api_call(operation, named)
        return answer


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    made = Account()
    yield made
    made.lab.close()


def draws(case: Case, rng: random.Random) -> list[tuple[Path, ...]]:
    """Each member alone, and some pairs; EXCEPTIONS are left out."""
    free = [path for path in shapes.every(case.shape) if (case.operation, path[0]) not in EXCEPTIONS]
    pairs = [tuple(rng.sample(free, 2)) for _ in range(PAIRS)]
    alone: list[tuple[Path, ...]] = [(path,) for path in free]
    return [*alone, *(pair for pair in pairs if not shapes.overlap(*pair) and change_of(case, pair))]


def change_of(case: Case, paths: tuple[Path, ...]) -> tuple[Path, dict[str, Any]] | None:
    """An option that changes nothing of what is looked at, if there is one."""
    free = (one for one in case.changes if not any(shapes.overlap(one[0], path) for path in paths))
    return next(free, None)


def plant(raw: Raw, shape: Any, paths: tuple[Path, ...], seed: int) -> None:
    """Puts a valid value at each path."""
    rng = random.Random(seed)
    for path in paths:
        value = shapes.valid(shapes.within(shape, path), next(p for p in reversed(path) if p != EACH), rng)
        whole = shapes.planted(raw, shape, path, value, rng)
        raw.clear()
        raw.update(whole)


def consistent(attributes: Raw) -> None:
    """As AWS has it: a log that is on has its bucket and interval, and draining that is on its limit."""
    log = attributes.get("AccessLog") or {}
    if log.get("Enabled"):
        attributes["AccessLog"] = {"S3BucketName": "logs", "EmitInterval": 60, **log}


@pytest.mark.parametrize("name", CASES)
def test_what_botocore_knows_of_a_part_is_written_back(name: str, account: Account) -> None:
    case, rng = CASES[name], random.Random(name)
    wrong, members = [], 0
    for seed, paths in enumerate(draws(case, rng)):
        changed = change_of(case, paths)
        if changed is None:
            continue

        def change(answer: Raw, paths: tuple[Path, ...] = paths, seed: int = seed) -> None:
            part = case.find(answer)
            plant(part, case.shape, paths, seed)
            if case.answer == ATTRIBUTES:
                consistent(part)
                if name == "log that is off":
                    off(part)

        live = deepcopy(case.find(account.answers(case.answer, change)))
        members += len(paths) == 1
        member, options = changed
        steps = account.bench.check(name=NAME, **options).outcome.steps
        calls = [step for step in steps if step.operation == case.operation]
        assert len(calls) == 1, f"{paths}: {[step.action for step in steps]}"
        args: Any = calls[0].args
        wrong += [
            f"{paths}: {text}"
            for text in [shapes.complaint(MODEL.operation_model(case.operation).input_shape, args)]
            if text
        ]
        for part in case.root:
            args = args[0] if part == EACH else args[part]
        wrong += [f"{paths}: {text}" for text in lost(case, live, args, member)]
    print(f"{name}: {members} members of elb:{case.operation}, one at a time and in pairs")
    assert wrong == []
    assert members > 3


def lost(case: Case, live: Raw, args: Raw, changed: Path) -> list[str]:
    """Where the arguments say another thing than what was there, but for the member that changes."""
    parts = [(live, args, changed)] if case.whole else [(live[key], args[key], changed[1:]) for key in args]
    found = [] if case.whole or list(args) == [changed[0]] else [f"{list(args)} is sent"]
    for was, now, (but,) in parts:
        found += [
            f"{key}: {was.get(key)!r} became {now.get(key)!r}"
            for key in {*was, *now} - {but, *(("Enabled",) if but == "Timeout" else ())}
            if was.get(key) != now.get(key)
        ]
    return found


def shown_again(answer: Any) -> dict[str, Any]:
    """What the module returned, as its options."""
    shown = answer.returns["load_balancer"]
    return {key: value for key, value in shown.items() if key in wcs_classic_elb.ARGUMENTS and value is not None}


OUTPUTS = {
    DESCRIBE: (("LoadBalancerDescriptions", EACH), there),
    ATTRIBUTES: (("LoadBalancerAttributes",), lambda answer: answer["LoadBalancerAttributes"]),
}


WHICH = ("LoadBalancerName", "LoadBalancerPort", "Listener", "ListenerDescriptions")
"""Which balancer or listener it is; the members of a listener are put in one by one."""


@pytest.mark.parametrize("operation", OUTPUTS)
def test_whatever_an_answer_says_is_shown_given_back_and_adopted_in_silence(operation: str, account: Account) -> None:
    """Nothing fails, JSON comes out, what is shown plans nothing, and adopting plans our mark alone."""
    root, find = OUTPUTS[operation]
    shape = shapes.within(MODEL.operation_model(operation).output_shape, root)
    wrong = []
    paths = list(shapes.every(shape))
    for seed, path in enumerate(paths):

        def change(answer: Raw, path: Path = path, seed: int = seed) -> None:
            plant(find(answer), shape, (path,), seed)
            if operation == ATTRIBUTES:
                consistent(find(answer))

        if path[-1] in WHICH:
            continue
        account.answers(operation, change)
        answer = account.bench.check(name=NAME)
        json.dumps(answer.returns)
        wrong += [f"{path}: {answer.outcome.actions}"] if answer.outcome.actions else []
        again = account.bench.check(**shown_again(answer)).outcome.actions
        wrong += [f"{path}: given back {again}"] if again else []
        account.overlay.changes["DescribeTags"] = untagged
        adopted = account.bench.check(name=NAME, adopt=True).outcome.actions
        wrong += [f"{path}: adopted {adopted}"] if adopted != ["elb:AddTags"] else []
    print(f"{len(paths)} members of what elb:{operation} answers")
    assert wrong == [], "\n".join(wrong)


def untagged(answer: Raw) -> None:
    answer["TagDescriptions"][0]["Tags"] = []


@pytest.mark.parametrize(("member", "option"), [("Subnets", "subnets"), ("SecurityGroups", "security_group_ids")])
def test_w8_a_list_that_is_empty_can_be_given_back(account: Account, member: str, option: str) -> None:
    account.answers(DESCRIBE, lambda answer: there(answer).update({member: []}))
    shown = account.bench.check(name=NAME)
    assert shown.returns["load_balancer"][option] == []
    assert account.bench.check(**shown_again(shown)).outcome.actions == []


def test_settings_without_an_option_are_shown(account: Account) -> None:
    mode = {"Key": "elb.http.desyncmitigationmode", "Value": "strictest"}

    def change(answer: Raw) -> None:
        answer["LoadBalancerAttributes"] |= {"AdditionalAttributes": [mode], FUTURE: {"Enabled": True}}

    account.answers(ATTRIBUTES, change)
    shown: Mapping[str, Any] = account.bench.check(name=NAME).returns["load_balancer"]["foreign_settings"]
    assert shown == {"additional_attributes": [mode], "future_setting": {"Enabled": True}}
