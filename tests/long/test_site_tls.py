"""`site` with TLS from client to node, and with a launch configuration, which most accounts refuse.

One lab; the stories are told in order.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.autoscaling.answers.configurations import REFUSED
from tests.support.playbooks import Played, Stage, stage
from tests.support.standin import certificate_for

SMALL = {"wcs_autoscaling_min_size": 2, "wcs_verify_hold": 1, "wcs_verify_rate": 100}
HEALTH_CHECK = {"protocol": "https", "port": 8444, "path": "/?action=stat"}
PROOF = "Group, balancer and nodes agree, and sessions reach every node"
LISTENER_REPLACED = [
    "elb:DeleteLoadBalancerListeners",
    "elb:CreateLoadBalancerListeners",
    "elb:SetLoadBalancerPoliciesOfListener",
]
WAY_OUT = (
    "Set wcs_autoscaling_launch_kind: template; a group that has a configuration is moved to a template in one change."
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An account as most are: it may not make launch configurations."""
    error = ("--code", "UnsupportedOperation", "--status", "400", "--message", REFUSED)
    with stage(tmp_path_factory.mktemp("lab")) as ready:
        ready.lab("fault", "add", "error-before", "CreateLaunchConfiguration", "--count", "0", *error)
        yield ready


@pytest.fixture(scope="module")
def certificates(lab: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two self-made certificates: that of the nodes in files, that of the balancer by its ARN."""
    folder = tmp_path_factory.mktemp("certificates")
    certificate, key = certificate_for("node.wcs.example", 30)
    (folder / "node.pem").write_bytes(certificate)
    (folder / "node.key").write_bytes(key)
    certificate, key = certificate_for("media.wcs.example", 30)
    (folder / "media.pem").write_bytes(certificate)
    arn = lab.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    return {"folder": str(folder), "arn": arn}


def encrypted(certificates: dict[str, str], **listener: Any) -> dict[str, Any]:
    """The variables of a stack that speaks TLS, with a listener 8443 that carries to `listener`'s node port."""
    front = {"protocol": "ssl", "load_balancer_port": 8443, "certificate_arn": certificates["arn"]}
    return SMALL | {
        "wcs_server_certificate": f"{certificates['folder']}/node.pem",
        "wcs_server_certificate_key": f"{certificates['folder']}/node.key",
        "wcs_server_websocket_port": 8443,
        "wcs_server_websocket_tls": True,
        "wcs_balancer_listeners": [front | listener],
        "wcs_balancer_health_check": HEALTH_CHECK,
        "wcs_verify_validate_certs": False,
        "wcs_verify_stat_scheme": "https",
        "wcs_verify_stat_port": 8444,
    }


def to_8443(certificates: dict[str, str]) -> dict[str, Any]:
    """Encrypted anew on the way to the nodes."""
    return encrypted(certificates, instance_protocol="ssl", instance_port=8443)


def to_8080(certificates: dict[str, str]) -> dict[str, Any]:
    """In the clear on the way to the nodes."""
    return encrypted(certificates, instance_protocol="tcp", instance_port=8080)


def proven(played: Played) -> str:
    """What the proof said, which must have gone through."""
    assert played.code == 0, played.failure or played.text
    proof = played.said(PROOF)
    assert "40 of 40 sessions" in proof
    assert "spread over 2 nodes" in proof
    return proof


def served(address: tuple[str, int]) -> str:
    """The certificate that is served there, in PEM."""
    return ssl.get_server_certificate(address, timeout=5)


def nodes(lab: Stage) -> list[dict[str, Any]]:
    """The instances that run."""
    reservations = lab.client("ec2").describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
    )["Reservations"]
    return [instance for reservation in reservations for instance in reservation["Instances"]]


def test_an_account_that_refuses_configurations_is_told_the_way_out(lab, certificates):
    refused = lab.play("site", wcs_autoscaling_launch_kind="configuration", **to_8443(certificates))
    assert refused.code != 0
    assert refused.failure.startswith("Cannot create launch configuration 'wcs-")
    assert "operation is not available in your account" in refused.failure
    assert refused.failure.endswith(WAY_OUT)


def test_no_half_made_group_is_left(lab):
    autoscaling = lab.client("autoscaling")
    assert autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert autoscaling.describe_launch_configurations()["LaunchConfigurations"] == []
    assert lab.client("ec2").describe_launch_templates()["LaunchTemplates"] == []
    assert lab.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert nodes(lab) == []


def test_the_way_out_leads_to_a_stack_that_is_encrypted_to_the_nodes(lab, certificates):
    images = lab.calls().count("ec2:CreateImage")
    built = lab.play("site", wcs_autoscaling_launch_kind="template", **to_8443(certificates))
    assert ":8443 were held" in proven(built)
    assert lab.calls().count("ec2:CreateImage") == images


def test_balancer_and_nodes_show_their_certificates(lab, certificates):
    folder = Path(certificates["folder"])
    balancer = lab.client("elb").describe_load_balancers()["LoadBalancerDescriptions"][0]
    assert served((balancer["DNSName"], 8443)) == (folder / "media.pem").read_text()
    for node in nodes(lab):
        for port in (8443, 8444):
            assert served((node["PublicIpAddress"], port)) == (folder / "node.pem").read_text()


def test_a_second_run_changes_nothing(lab, certificates):
    before = len(lab.calls())
    again = lab.play("site", **to_8443(certificates))
    assert proven(again)
    assert (again.changed, lab.calls()[before:]) == ([], [])


def test_the_balancer_can_take_the_encryption_off_the_nodes(lab, certificates):
    before = len(lab.calls())
    tags = ("--tags", "wcs_balancer,wcs_verify")
    changed = lab.play("site", *tags, **to_8080(certificates))
    assert ":8443 were held" in proven(changed)
    assert changed.actions == lab.calls()[before:] == LISTENER_REPLACED


def test_where_the_account_allows_it_a_configuration_deploys_and_is_proven(lab, certificates):
    lab.lab("fault", "clear")
    settings = to_8080(certificates) | {"wcs_stack_name": "other"}
    built = lab.play("site", wcs_autoscaling_launch_kind="configuration", **settings)
    assert ":8443 were held" in proven(built)
    groups = lab.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["other"])
    group = groups["AutoScalingGroups"][0]
    assert group["LaunchConfigurationName"].startswith("other-")
    assert "LaunchTemplate" not in group
