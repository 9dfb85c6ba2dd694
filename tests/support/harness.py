"""What tests of modules share: one run of a module's `manage` in this process, on the lab's time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from lab.api.inprocess import clients
from lab.core.lab import Lab
from lab.machines import Check
from plugins.module_utils._balancer.health import HealthAnswer
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Answer, Run, checked
from plugins.module_utils._core.step import LATER


def launched(lab: Lab, count: int = 1, subnet: str | None = None) -> list[str]:
    """The ids of new instances of WCS, in order and running; without a `subnet` they are in the first."""
    account = lab.account
    reply = clients(lab)("ec2").run_instances(
        ImageId=account.wcs_image_id,
        InstanceType="t3.small",
        MinCount=count,
        MaxCount=count,
        SubnetId=subnet or account.subnet_ids[0],
    )
    lab.run(max(30, lab.delays.instance_pending))
    return sorted(instance["InstanceId"] for instance in reply["Instances"])


def issued(aws: Callable[..., Any], domain: str) -> str:
    """The ARN of a new certificate that balancers take."""
    iam = aws("iam")
    name = f"{domain}-{len(iam.list_server_certificates()['ServerCertificateMetadataList'])}"
    made = iam.upload_server_certificate(ServerCertificateName=name, CertificateBody="certificate", PrivateKey="key")
    return str(made["ServerCertificateMetadata"]["Arn"])


def answer_of(check: Check) -> HealthAnswer:
    """What `health_answer` makes of an answer like the lab's."""
    if check.status:
        return HealthAnswer.of_status(check.status)
    refused = False if check.why.startswith("connection refused") else None
    return HealthAnswer(check.why, True if check.ok else refused)


def asked_in(lab: Lab) -> Callable[[str, Mapping[str, Sequence[str]]], dict[str, HealthAnswer]]:
    """Asks machines in memory a health check's question, as `health_answer.answers` asks those with addresses."""

    def asked(target: str, hosts: Mapping[str, Sequence[str]]) -> dict[str, HealthAnswer]:
        protocol, _, place = target.partition(":")
        port, slash, path = place.partition("/")
        if not port.isdecimal():
            return dict.fromkeys(hosts, HealthAnswer("no such port"))
        found = {one: lab.machines.check(one, protocol.lower(), int(port), slash + path, 3.0) for one in hosts}
        return {one: answer_of(check) for one, check in found.items()}

    return asked


def managed(module: Any, lab: Lab) -> Callable[[Mapping[str, Any], Run], Answer]:
    """A module's `manage`; where it asks nodes, those of the lab."""
    asks = "asks" in signature(module.manage).parameters
    manage: Callable[[Mapping[str, Any], Run], Answer] = (
        partial(module.manage, asks=asked_in(lab)) if asks else module.manage
    )
    return manage


@dataclass
class LabClock:
    """The clock of a module under test: while it sleeps, time passes in the lab."""

    lab: Lab

    def now(self) -> float:
        """The lab's seconds."""
        return self.lab.clock.now()

    date = now

    def sleep(self, seconds: float) -> None:
        """Lets time pass in the lab."""
        self.lab.run(seconds)


@dataclass
class Bench:
    """Runs one module against one lab."""

    lab: Lab
    aws: Callable[..., Any]
    arguments: Mapping[str, Any]
    manage: Callable[[Mapping[str, Any], Run], Answer]
    lines: list[str] = field(default_factory=list)

    def params(self, **given: Any) -> dict[str, Any]:
        """The given options with the module's defaults, checked as Ansible does."""
        result = ArgumentSpecValidator(dict(self.arguments)).validate(given)
        assert not result.error_messages, result.error_messages
        return dict(result.validated_parameters)

    def run(self, check: bool = False, **given: Any) -> Answer:
        """The module's answer."""
        params = checked(self.params(**given), self.arguments, check)
        return self.manage(params, Run(self.api(), LabClock(self.lab), check, self.lines.append))

    def api(self) -> Aws:
        """What the module asks AWS by."""
        region = self.lab.region
        clock = LabClock(self.lab)
        return Aws(lambda service, other: self.aws(service, other or region), clock, self.lines.append, region)

    def check(self, **given: Any) -> Answer:
        """The module's answer in check mode."""
        return self.run(check=True, **given)

    def fails(self, check: bool = False, **given: Any) -> Failure:
        """The failure the module ends with."""
        try:
            answer = self.run(check, **given)
        except Failure as failure:
            return failure
        raise AssertionError(f"it did not fail, but answered {answer.returns}")

    def calls(self, since: int = 0) -> list[str]:
        """The calls the lab answered, as `service:Operation`, repeats of the same read in a row once."""
        found: list[str] = []
        for call in list(self.lab.calls)[since:]:
            name = _name(call, self.lab.region)
            if call.write or not found or found[-1] != name:
                found.append(name)
        return found

    def writes(self, since: int = 0) -> list[str]:
        """The write calls the lab answered with success, in order."""
        return [
            _name(call, self.lab.region) for call in list(self.lab.calls)[since:] if call.write and call.status < 400
        ]

    def mark(self) -> int:
        """Where the record of calls stands."""
        return len(list(self.lab.calls))

    def exact(self, **given: Any) -> Answer:
        """The answer of a real run whose prediction was exact, and which a second run finds done.

        Check mode writes nothing; its actions are the writes the lab then sees, in order; its `after` is what is read
        afterwards (LATER aside); a second run writes nothing.
        """
        start = self.mark()
        foreseen = self.check(**given)
        assert self.writes(start) == [], "check mode wrote"
        start = self.mark()
        done = self.run(**given)
        assert foreseen.outcome.actions == self.writes(start)
        assert done.outcome.actions == foreseen.outcome.actions
        assert done.outcome.before == foreseen.outcome.before
        agrees(foreseen.outcome.after, done.outcome.after)
        start = self.mark()
        again = self.run(**given)
        assert self.writes(start) == [], "a second run wrote"
        assert not again.outcome.changed
        assert again.outcome.after == done.outcome.after
        return done


def agrees(foreseen: Any, seen: Any, path: str = "") -> None:
    """Fails where what was foreseen is not what is seen; LATER agrees with anything that is there."""
    if foreseen == LATER:
        assert seen is not None, f"{path}: nothing came of {LATER}"
        return
    if isinstance(foreseen, Mapping) and isinstance(seen, Mapping):
        assert sorted(foreseen) == sorted(seen), path
        for key, value in foreseen.items():
            agrees(value, seen[key], f"{path}.{key}")
        return
    if isinstance(foreseen, list) and isinstance(seen, list):
        assert len(foreseen) == len(seen), f"{path}: {foreseen} is not {seen}"
        for index, (one, other) in enumerate(zip(foreseen, seen, strict=True)):
            agrees(one, other, f"{path}[{index}]")
        return
    assert foreseen == seen, f"{path}: foreseen {foreseen!r}, seen {seen!r}"


def _name(call: Any, region: str) -> str:
    place = "" if call.region in (None, region) else f"@{call.region}"
    return f"{call.service}:{call.operation}{place}"


def fed_back(spec: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of a thing as options of that argument spec, at every depth; null is not managed."""
    options = {name for name in spec if name != "state"}  # which AWS, too, has a word for
    return {name: _fed(spec[name], value) for name, value in shown.items() if name in options and value is not None}


def _fed(option: Mapping[str, Any], value: Any) -> Any:
    if "options" not in option:
        return value
    return (
        [fed_back(option["options"], one) for one in value]
        if isinstance(value, list)
        else fed_back(option["options"], value)
    )
