"""`wcs-metrics` as a node runs it: a real process beside a real stand-in, on a lab with machines; and what goes wrong.

Whatever fails, the server goes on, one line says so, and the metric is absent, never false.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lab.api.inprocess import clients
from lab.cloudwatch.alarms import Key, metric_key, metrics
from lab.core.clock import ScaledClock
from lab.core.lab import Lab
from lab.machines import network
from lab.machines.live import HOME
from lab.machines.process import ProcessMachines
from lab.open import open_lab
from lab.run.server import Server
from plugins.module_utils._node_profile.value import POLICY, trust_of
from tests.support.permissions import OF_NODES
from tests.support.scripts import FILES
from tests.support.waiting import until

SPEED = 50.0
PERIOD = 10
STATS = FILES.parents[2] / "plugins" / "module_utils" / "_nodes" / "stats.py"
NAMES = ("connections_websocket", "streams_in", "streams_out", "degraded_streams_percent", "system_java_cpu_usage")


@dataclass
class Fleet:
    """A group of one node whose image has the unit, on a lab that is reached over HTTP."""

    lab: Lab
    server: Server
    folder: Path

    def aws(self, service: str) -> Any:
        return clients(self.lab)(service)

    def node(self) -> str:
        (group,) = self.aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return next((one["InstanceId"] for one in group["Instances"]), "")

    @property
    def machine(self) -> Path:
        return self.folder / "machines" / self.node()

    @property
    def home(self) -> Path:
        return self.machine / "disk" / HOME

    def said(self) -> list[str]:
        console = self.machine / "console.log"
        lines = console.read_text(errors="replace").splitlines() if console.exists() else []
        return [line.removeprefix("wcs-metrics: ") for line in lines if line.startswith("wcs-metrics: ")]

    def key(self, name: str = NAMES[0], *, node: bool = False) -> Key:
        dimensions = {"AutoScalingGroupName": "wcs", **({"InstanceId": self.node()} if node else {})}
        return metric_key("WCS", name, [{"Name": one, "Value": value} for one, value in dimensions.items()])

    def samples(self, name: str = NAMES[0], *, node: bool = False) -> list[Any]:
        return metrics(self.lab.region).of(self.key(name, node=node))

    def serves(self) -> bool:
        address = json.loads((self.machine / "machine.json").read_text())["private_ip"]
        with urllib.request.urlopen(f"http://{address}:8081/?action=stat", timeout=5) as page:
            return b"connections_websocket=" in page.read()

    def verb(self, name: str) -> None:
        subprocess.run([self.home / "bin" / "webcallserver", name], check=True, capture_output=True, timeout=30)

    def calls(self) -> list[Any]:
        return [call for call in list(self.lab.calls) if call.operation == "PutMetricData"]


def furnish(home: Path) -> None:
    """Lays on an image what the role does."""
    (home / "lib" / "wcs-metrics").mkdir(parents=True, exist_ok=True)
    shutil.copy(FILES / "wcs-metrics", home / "bin")
    shutil.copy(STATS, home / "lib" / "wcs-metrics" / "wcs_stats.py")
    (home / "conf" / "wcs-metrics.json").write_text(json.dumps({"period": PERIOD}))


def ask_for_a_node(aws: Callable[[str], Any], lab: Lab) -> None:
    iam = aws("iam")
    iam.create_role(RoleName="wcs-node", AssumeRolePolicyDocument=json.dumps(trust_of("us-east-1")))
    iam.put_role_policy(RoleName="wcs-node", PolicyName="publish", PolicyDocument=json.dumps(POLICY))
    iam.create_instance_profile(InstanceProfileName="wcs-node")
    iam.add_role_to_instance_profile(InstanceProfileName="wcs-node", RoleName="wcs-node")
    data = {
        "ImageId": lab.account.wcs_image_id,
        "InstanceType": "c5.large",
        "IamInstanceProfile": {"Name": "wcs-node"},
        "MetadataOptions": {"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
    }
    aws("ec2").create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=data)
    aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="wcs",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=lab.account.subnet_ids[0],
        LaunchTemplate={"LaunchTemplateName": "wcs", "Version": "1"},
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    claimed = network.claim()
    machines = ProcessMachines(folder, speed=SPEED)
    lab = open_lab(machines, ScaledClock(SPEED), directory=folder, block=claimed.block, seed=None)
    server, over = Server(lab, 0), threading.Event()
    machines.api_url = server.url
    ticking = threading.Thread(target=lambda: [lab.tick() for _ in iter(lambda: over.wait(0.05), True)], daemon=True)
    try:
        furnish(folder / "images" / lab.account.wcs_image_id / HOME)
        ticking.start()
        fleet = Fleet(lab, server, folder)
        ask_for_a_node(fleet.aws, lab)
        until(fleet.node, 30)
        yield fleet
        assert lab.errors == []
    finally:
        over.set()
        ticking.join(10)
        server.close()
        lab.close()
        claimed.release()


@pytest.fixture
def fleet(whole: Fleet) -> Fleet:
    """The fleet, publishing."""
    until(lambda: whole.said() and whole.said()[-1].startswith("publishing"), 30)
    return whole


def test_it_publishes_for_its_group_and_itself_once_a_period(fleet: Fleet) -> None:
    until(lambda: len(fleet.samples(node=True)) > 5, 60)
    assert {name: bool(fleet.samples(name)) for name in NAMES} == dict.fromkeys(NAMES, True)
    assert {sample.total for sample in fleet.samples()} == {0.0}
    times = [sample.at for sample in fleet.samples(node=True)]
    assert len(times) - 1 <= (times[-1] - times[0]) / PERIOD + 1, "the first may take longest: botocore is loaded"
    keys = [key for key in metrics(fleet.lab.region).series if key[0] == "WCS"]
    assert len(keys) == len(NAMES) + 1
    assert next(one for one in fleet.said() if one.startswith("publishing")) == (
        f"publishing the sessions of {fleet.node()} for group 'wcs' every {PERIOD} s."
    )


def throttled(fleet: Fleet) -> Callable[[], None]:
    fleet.lab.faults.add("throttle", "cloudwatch:PutMetricData", count=None)
    return fleet.lab.faults.reset


def fails(fleet: Fleet) -> Callable[[], None]:
    fleet.lab.faults.add("error-before", "cloudwatch:PutMetricData", count=None, status=500)
    return fleet.lab.faults.reset


def cut_off(fleet: Fleet) -> Callable[[], None]:
    fleet.lab.faults.add("cut-reply", "cloudwatch:PutMetricData", count=None)
    return fleet.lab.faults.reset


def denied(fleet: Fleet) -> Callable[[], None]:
    fleet.aws("iam").delete_role_policy(RoleName="wcs-node", PolicyName="publish")
    return lambda: fleet.aws("iam").put_role_policy(
        RoleName="wcs-node", PolicyName="publish", PolicyDocument=json.dumps(POLICY)
    )


def for_another_namespace(fleet: Fleet) -> Callable[[], None]:
    other = json.dumps(POLICY).replace('"WCS"', '"Other"')
    fleet.aws("iam").put_role_policy(RoleName="wcs-node", PolicyName="publish", PolicyDocument=other)
    return denied(fleet)


def without_profile(fleet: Fleet) -> Callable[[], None]:
    iam, names = fleet.aws("iam"), {"InstanceProfileName": "wcs-node", "RoleName": "wcs-node"}
    iam.remove_role_from_instance_profile(**names)
    return lambda: iam.add_role_to_instance_profile(**names)


def clock_behind(fleet: Fleet) -> Callable[[], None]:
    fleet.lab.ahead = 3600.0
    return lambda: setattr(fleet.lab, "ahead", 0.0)


def clock_ahead(fleet: Fleet) -> Callable[[], None]:
    fleet.lab.ahead = -3600.0
    return lambda: setattr(fleet.lab, "ahead", 0.0)


def stopped(fleet: Fleet) -> Callable[[], None]:
    fleet.verb("stop")
    return lambda: fleet.verb("start")


TROUBLE: dict[str, tuple[Callable[[Fleet], Callable[[], None]], str]] = {
    "no profile": (without_profile, "this instance has no instance profile that gives credentials"),
    "denied": (denied, "role 'wcs-node' may not publish: allow it cloudwatch:PutMetricData in namespace WCS"),
    "allowed for another namespace": (for_another_namespace, "role 'wcs-node' may not publish"),
    "throttled": (throttled, "CloudWatch is asked too often"),
    "AWS fails": (fails, "CloudWatch answers 500"),
    "a clock an hour behind": (clock_behind, " s behind CloudWatch's (SignatureDoesNotMatch): set it"),
    "a clock an hour ahead": (clock_ahead, " s ahead of CloudWatch's (SignatureDoesNotMatch): set it"),
    "WCS stopped": (stopped, "WCS does not answer at "),
}


@pytest.mark.parametrize(("begin", "words"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_is_one_line_and_no_metric_and_ends(
    fleet: Fleet, begin: Callable[[Fleet], Callable[[], None]], words: str
) -> None:
    lines = len(fleet.said())
    end = begin(fleet)
    try:
        until(lambda: len(fleet.said()) > lines, 20)
        lines_said, known, asked = fleet.said()[lines:], len(fleet.samples(node=True)), len(fleet.calls())
        assert len(lines_said) == 1
        assert lines_said[0].startswith("nothing is published: ")
        assert words in lines_said[0]
        if "WCS does not" not in words:
            until(lambda: len(fleet.calls()) > asked or "profile" in words, 30)
            assert fleet.serves()
        assert len(fleet.samples(node=True)) == known
    finally:
        end()
    until(lambda: len(fleet.said()) > lines + 1, 30)
    until(lambda: len(fleet.samples(node=True)) > known, 10)
    assert [one.split(":")[0].split(" the ")[0] for one in fleet.said()[lines:]] == [
        "nothing is published",
        "publishing",
    ]


def test_without_a_network_it_goes_on_and_so_does_the_server(fleet: Fleet, tmp_path: Path) -> None:
    """A CloudWatch that is not there, named in the settings."""
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"period": PERIOD, "endpoint_url": "http://127.0.0.1:1"}))
    once = fleet_once(fleet, settings)
    assert once.returncode == 1
    assert once.stdout.startswith("wcs-metrics: nothing is published: CloudWatch is not reached, ")
    assert once.stdout.count("\n") == 1
    assert fleet.serves()


def test_a_seed_publishes_nothing(fleet: Fleet) -> None:
    """It is no member of a group: its sessions would make the average of those that are a lie."""
    seed = fleet.aws("ec2").run_instances(
        ImageId=fleet.lab.account.wcs_image_id,
        MinCount=1,
        MaxCount=1,
        SubnetId=fleet.lab.account.subnet_ids[0],
        IamInstanceProfile={"Name": "wcs-node"},
    )["Instances"][0]["InstanceId"]
    console = fleet.folder / "machines" / seed / "console.log"
    until(lambda: console.exists() and "no member of an Auto Scaling group" in console.read_text(), 30)
    known = metrics(fleet.lab.region).series
    assert not [key for key in known if key[0] == "WCS" and ("InstanceId", seed) in key[2]]
    fleet.aws("ec2").terminate_instances(InstanceIds=[seed])


@pytest.mark.parametrize("text", ["{", '{"period": 7}', "[]"])
def test_settings_that_are_wrong_are_said(fleet: Fleet, tmp_path: Path, text: str) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(text)
    once = fleet_once(fleet, settings)
    assert once.returncode == 2
    assert once.stdout.startswith("wcs-metrics: cannot begin: ")


def test_a_proxy_of_its_environment_is_asked_for_cloudwatch_alone(fleet: Fleet, tmp_path: Path) -> None:
    """Not for the metadata service, whose credentials it would see, nor for the node's own page; without NO_PROXY."""
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"period": PERIOD}))
    with proxy() as (url, asked):
        once = fleet_once(fleet, settings, **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), url))
    assert once.stdout.startswith("wcs-metrics: publishing the sessions of ")
    assert asked == [f"POST {fleet.server.url}/"]


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """The URL of a proxy, and what it is asked."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            there = urlsplit(self.path)
            with closing(HTTPConnection(there.netloc, timeout=10)) as connection:
                connection.request(self.command, there.path or "/", body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = answer  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        serving.join(10)


def fleet_once(fleet: Fleet, settings: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    address = json.loads((fleet.machine / "machine.json").read_text())["metadata"]
    return subprocess.run(
        [sys.executable, fleet.home / "bin" / "wcs-metrics", "--once", "--settings", settings],
        env={
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": address,
            "AWS_ENDPOINT_URL": fleet.server.url,
            "PATH": "/usr/bin",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_node_calls_nothing_but_what_its_policy_names(fleet: Fleet) -> None:
    """The lab refuses the credentials of its profile everything else."""
    asked = {f"{call.service}:{call.operation}" for call in list(fleet.lab.calls) if call.error_code == "AccessDenied"}
    assert asked <= set(OF_NODES)
    assert {f"cloudwatch:{call.operation}" for call in fleet.calls()} == set(OF_NODES)
