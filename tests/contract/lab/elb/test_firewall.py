"""A balancer reaches a node where the security groups of both say so (G23)."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from lab.core import backends as state
from lab.elb.engine import open_to

WEB = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8081}


@pytest.fixture
def groups(lab, ec2):
    """A balancer's group and a node's, without rules."""
    lab.firewalls = True

    def make(name):
        made = ec2.create_security_group(GroupName=name, Description=name, VpcId=lab.account.vpc_id)
        return made["GroupId"]

    return make("balancer"), make("node")


@pytest.fixture
def health(lab, aws, run, groups):
    """The state of a node in its group, behind a balancer in its."""
    balancer, node = groups
    elb = aws("elb")
    listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstancePort": 8080}
    elb.create_load_balancer(
        LoadBalancerName="wcs", Listeners=[listener], Subnets=lab.account.subnet_ids, SecurityGroups=[balancer]
    )
    check = {"Target": "HTTP:8081/", "Interval": 5, "Timeout": 4, "HealthyThreshold": 2, "UnhealthyThreshold": 2}
    elb.configure_health_check(LoadBalancerName="wcs", HealthCheck=check)
    elb.register_instances_with_load_balancer(
        LoadBalancerName="wcs", Instances=[{"InstanceId": run(SecurityGroupIds=[node])}]
    )

    def state() -> str:
        lab.run(40)
        return str(elb.describe_instance_health(LoadBalancerName="wcs")["InstanceStates"][0]["State"])

    return state


@pytest.mark.parametrize(
    ("rule", "reached"),
    [
        ({**WEB, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, True),
        ({**WEB, "IpRanges": [{"CidrIp": "127.77.0.0/16"}]}, True),
        ({**WEB, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, False),
        ({**WEB, "UserIdGroupPairs": "balancer"}, True),
        ({**WEB, "UserIdGroupPairs": "node"}, False),
        ({"IpProtocol": "-1", "UserIdGroupPairs": "balancer"}, True),
        ({**WEB, "ToPort": 8080, "UserIdGroupPairs": "balancer"}, False),
        ({**WEB, "IpProtocol": "udp", "UserIdGroupPairs": "balancer"}, False),
        (None, False),
    ],
)
def test_g23_a_check_passes_where_the_nodes_group_lets_the_balancer_in(ec2, groups, health, rule, reached):
    named = dict(zip(("balancer", "node"), groups, strict=True))
    if rule and "UserIdGroupPairs" in rule:
        rule = {**rule, "UserIdGroupPairs": [{"GroupId": named[rule["UserIdGroupPairs"]]}]}
    if rule:
        ec2.authorize_security_group_ingress(GroupId=groups[1], IpPermissions=[rule])
    assert health() == ("InService" if reached else "OutOfService")


def test_g23_a_rule_that_comes_or_goes_counts_from_then(ec2, groups, health):
    rule = [{**WEB, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    assert health() == "OutOfService"
    ec2.authorize_security_group_ingress(GroupId=groups[1], IpPermissions=rule)
    assert health() == "InService"
    ec2.revoke_security_group_ingress(GroupId=groups[1], IpPermissions=rule)
    assert health() == "OutOfService"


def test_g23_the_balancers_own_group_lets_it_out(ec2, groups, health):
    ec2.authorize_security_group_ingress(
        GroupId=groups[1], IpPermissions=[{**WEB, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=groups[0], IpPermissions=everything)
    assert health() == "OutOfService"


def test_g23_a_listener_is_open_to_whom_the_balancers_group_lets_in(ec2, lab, groups, health):
    balancer = state.backend("elb", "us-east-1").load_balancers["wcs"]
    known = state.instances("us-east-1").values()
    assert open_to(balancer, 8080, known) == ()
    rule = {**WEB, "IpRanges": [{"CidrIp": "127.0.0.0/8"}], "UserIdGroupPairs": [{"GroupId": groups[1]}]}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[rule])
    found = open_to(balancer, 8080, known)
    assert found[0] == IPv4Network("127.0.0.0/8")
    assert {str(network.network_address) for network in found[1:]} == {
        str(address) for i in known for address in (i.private_ip_address, i.public_ip_address)
    }
    assert open_to(balancer, 443, known) == ()


def test_a_vpcs_default_group_lets_in_whoever_bears_it(ec2):
    default = ec2.describe_security_groups()["SecurityGroups"][0]
    assert [pair["GroupId"] for rule in default["IpPermissions"] for pair in rule["UserIdGroupPairs"]] == [
        default["GroupId"]
    ]
