"""VPCs, subnets and security groups: what is a default one, and rules without ports."""

from __future__ import annotations

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab

ANYONE = [{"CidrIp": "10.0.0.0/8"}]


@pytest.fixture
def vpc(ec2):
    return ec2.create_vpc(CidrBlock="10.1.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]


@pytest.fixture
def group(lab, ec2):
    return ec2.create_security_group(GroupName="g", Description="-", VpcId=lab.account.vpc_id)["GroupId"]


def allow(ec2, group, **permission):
    return ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpRanges": ANYONE, **permission}])


def rules(ec2, group):
    return ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]


def test_g1_a_subnets_ipv6_block_is_told_and_found(ec2, vpc):
    block = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    block = block.replace("/56", "/64")
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24", Ipv6CidrBlock=block)["Subnet"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.2.0/24")
    assert made["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlockState"] == {"State": "associated"}
    for name, value in (("ipv6-cidr-block", block), ("state", "associated")):
        asked = [{"Name": f"ipv6-cidr-block-association.{name}", "Values": [value]}]
        assert [s["SubnetId"] for s in ec2.describe_subnets(Filters=asked)["Subnets"]] == [made["SubnetId"]]


def test_g2_a_protocol_without_ports_is_allowed_shown_and_revoked(ec2, group):
    allow(ec2, group, IpProtocol="47")
    allow(ec2, group, IpProtocol="50")
    assert [(rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort")) for rule in rules(ec2, group)] == [
        ("47", None, None),
        ("50", None, None),
    ]
    gone = [{"IpProtocol": "47", "IpRanges": ANYONE}]
    assert ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=gone)["Return"]
    assert [rule["IpProtocol"] for rule in rules(ec2, group)] == ["50"]


def test_g2_tcp_and_udp_must_say_their_ports(ec2, group, refused):
    for protocol in ("tcp", "udp", "6"):
        with refused("InvalidParameterValue", "Must specify both from and to ports with TCP/UDP."):
            allow(ec2, group, IpProtocol=protocol)


@pytest.mark.parametrize(
    ("key", "member", "given", "shown"),
    [
        ("IpRanges", "CidrIp", "100.68.0.18/18", "100.68.0.0/18"),
        ("Ipv6Ranges", "CidrIpv6", "2001:DB8:0::1/64", "2001:db8::/64"),
    ],
)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_network_is_kept_in_its_canonical_form(ec2, group, refused, direction, key, member, given, shown):
    """IpRange, CidrIp: AWS canonicalizes it, and the same rule in another form is a duplicate."""
    ports = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    asked = {"GroupId": group, "IpPermissions": [{**ports, key: [{member: given}]}]}
    getattr(ec2, f"authorize_security_group_{direction}")(**asked)
    with refused("InvalidPermission.Duplicate"):
        getattr(ec2, f"authorize_security_group_{direction}")(
            GroupId=group, IpPermissions=[{**ports, key: [{member: shown}]}]
        )
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    permissions = found["IpPermissions" if direction == "ingress" else "IpPermissionsEgress"]
    assert {member: shown} in [one for permission in permissions for one in permission[key]]
    getattr(ec2, f"revoke_security_group_{direction}")(**asked)
    left = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert [rule.get("FromPort") for rule in left if rule.get("FromPort") == 80] == []


BAD_RULES = [
    ({"IpProtocol": "sctp2"}, "Invalid value 'sctp2' for IP protocol. Unknown protocol."),
    ({"IpProtocol": "256"}, "Invalid value '256' for IP protocol. Unknown protocol."),
    ({"FromPort": 90, "ToPort": 80}, "Invalid TCP/UDP port range (90:80)"),
    ({"ToPort": 65536}, "TCP/UDP port (65536) out of range"),
    ({"FromPort": -1, "ToPort": -1}, "TCP/UDP port (-1) out of range"),
    ({"IpRanges": [{**ANYONE[0], "Description": "Büro"}]}, "Invalid rule description."),
]


@pytest.mark.parametrize(("wrong", "words"), BAD_RULES)
def test_a_rule_that_cannot_be_is_refused(ec2, group, refused, wrong, words):
    """IpPermission: tcp, udp, icmp, icmpv6 or a protocol's number; ports from 0 to 65535; IpRange: its description."""
    with refused("InvalidParameterValue", words):
        allow(ec2, group, **{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **wrong})
    assert rules(ec2, group) == []


@pytest.mark.parametrize(
    ("name", "description"), [("sg-ours", "-"), ("Büro", "-"), ("g<", "-"), ("ours", "Büro"), ("ours", "a" * 256)]
)
def test_a_groups_name_and_description_are_of_a_few_characters(lab, ec2, refused, name, description):
    """CreateSecurityGroup: up to 255 of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*; the name not as sg-."""
    with refused("InvalidParameterValue"):
        ec2.create_security_group(GroupName=name, Description=description, VpcId=lab.account.vpc_id)


def test_a_default_group_is_not_deleted_by_itself(lab, ec2, refused):
    """DeleteSecurityGroup; error code CannotDelete: the default security group cannot be deleted."""
    asked = [{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [lab.account.vpc_id]}]
    (default,) = ec2.describe_security_groups(Filters=asked)["SecurityGroups"]
    with refused("CannotDelete", "cannot be deleted by a user"):
        ec2.delete_security_group(GroupId=default["GroupId"])


def test_a_rule_tells_whose_group_it_is_of(ec2, group):
    """SecurityGroupRule, GroupOwnerId."""
    allow(ec2, group, IpProtocol="tcp", FromPort=80, ToPort=80)
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert {rule["GroupOwnerId"] for rule in found} == {"123456789012"}


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_g9_a_changed_description_is_said_to_be_changed(ec2, group, direction):
    given = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    getattr(ec2, f"authorize_security_group_{direction}")(GroupId=group, IpPermissions=[{**given, "IpRanges": ANYONE}])
    described = [{**ANYONE[0], "Description": "all of us"}]
    update = getattr(ec2, f"update_security_group_rule_descriptions_{direction}")
    assert update(GroupId=group, IpPermissions=[{**given, "IpRanges": described}])["Return"] is True
    key = "IpPermissions" if direction == "ingress" else "IpPermissionsEgress"
    shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0][key]
    assert described in [rule["IpRanges"] for rule in shown]


def defaults(ec2):
    return {
        (s["AvailabilityZone"], s["CidrBlock"], s["MapPublicIpOnLaunch"])
        for s in ec2.describe_subnets()["Subnets"]
        if s["DefaultForAz"]
    }


def test_g6_an_account_without_a_default_vpc_makes_one(aws, refused):
    ec2 = aws("ec2", "eu-west-1")
    own = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=own, CidrBlock="10.1.1.0/24")["Subnet"]
    assert (subnet["DefaultForAz"], subnet["MapPublicIpOnLaunch"]) == (False, False)
    with refused("VPCIdNotSpecified"):
        ec2.create_security_group(GroupName="g", Description="-")
    made = ec2.create_default_vpc()["Vpc"]
    assert (made["IsDefault"], made["CidrBlock"]) == (True, "172.31.0.0/16")
    blocks = ("172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20")
    assert {zone for zone, _, _ in defaults(ec2)} == {f"eu-west-1{letter}" for letter in "abc"}
    assert {(block, public) for _, block, public in defaults(ec2)} == {(block, True) for block in blocks}
    ec2.create_security_group(GroupName="g", Description="-")
    with refused("DefaultVpcAlreadyExists"):
        ec2.create_default_vpc()


def test_g6_what_is_made_in_a_default_vpc_is_no_default_by_that(refused):
    lab = open_lab(default_vpc=True)
    try:
        ec2 = clients(lab)("ec2")
        [vpc] = [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if v["IsDefault"]]
        before = defaults(ec2)
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="172.31.240.0/24")["Subnet"]
        assert (subnet["DefaultForAz"], subnet["MapPublicIpOnLaunch"]) == (False, False)
        assert defaults(ec2) == before
        gone = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][0]
        with refused("DefaultSubnetAlreadyExistsInAvailabilityZone"):
            ec2.create_default_subnet(AvailabilityZone=gone["AvailabilityZone"])
        ec2.delete_subnet(SubnetId=gone["SubnetId"])
        again = ec2.create_default_subnet(AvailabilityZone=gone["AvailabilityZone"])["Subnet"]
        assert again["CidrBlock"] == gone["CidrBlock"]
    finally:
        lab.close()


def test_a_subnet_in_use_is_not_deleted(lab, ec2, run, refused):
    """DeleteSubnet: the instances in it must be terminated first; a balancer's interfaces hold it, too."""
    first, second = lab.account.subnet_ids[:2]
    instance = run(SubnetId=first)
    listener = {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}
    elb = clients(lab)("elb")
    elb.create_load_balancer(LoadBalancerName="lb", Listeners=[listener], Subnets=[second])
    for subnet in (first, second):
        with refused("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted."):
            ec2.delete_subnet(SubnetId=subnet)
    ec2.terminate_instances(InstanceIds=[instance])
    elb.delete_load_balancer(LoadBalancerName="lb")
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=second)
    lab.run(lab.delays.elb_interfaces_linger + 1)
    for subnet in (first, second):
        ec2.delete_subnet(SubnetId=subnet)


def test_with_a_subnet_goes_its_place_in_a_route_table(ec2, vpc):
    """DeleteRouteTable: it must not be associated with a subnet; one that is gone cannot be disassociated."""
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.delete_subnet(SubnetId=subnet)
    assert ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Associations"] == []
    ec2.delete_route_table(RouteTableId=table)


def test_a_vpc_goes_last(ec2, vpc, refused):
    """DeleteVpc: its gateways and security groups first, but the default group goes with it."""
    group = ec2.create_security_group(GroupName="ours", Description="-", VpcId=vpc)["GroupId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    for release in (
        lambda: ec2.delete_security_group(GroupId=group),
        lambda: ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc),
    ):
        with refused("DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted."):
            ec2.delete_vpc(VpcId=vpc)
        release()
    ec2.delete_vpc(VpcId=vpc)
    with refused("InvalidVpcID.NotFound"):
        ec2.delete_vpc(VpcId=vpc)


def test_a_vpc_has_one_internet_gateway_while_public_addresses_need_it(lab, ec2, run, refused):
    """AttachInternetGateway: one a VPC. DetachInternetGateway: no running instances with public addresses."""
    vpc = lab.account.vpc_id
    there, second = [ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"] for _ in "12"]
    ec2.attach_internet_gateway(InternetGatewayId=there, VpcId=vpc)
    with refused("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached"):
        ec2.attach_internet_gateway(InternetGatewayId=second, VpcId=vpc)
    instance = run()
    with refused("DependencyViolation", f"Network {vpc} has some mapped public address(es)."):
        ec2.detach_internet_gateway(InternetGatewayId=there, VpcId=vpc)
    ec2.terminate_instances(InstanceIds=[instance])
    lab.run(lab.delays.instance_shutting_down)
    ec2.detach_internet_gateway(InternetGatewayId=there, VpcId=vpc)


@pytest.mark.parametrize("with_default", [False, True])
def test_an_account_tells_its_default_vpc(with_default):
    """DescribeAccountAttributes, default-vpc: its id, or none."""
    lab = open_lab(default_vpc=with_default)
    ec2 = clients(lab)("ec2")
    (shown,) = ec2.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    defaults = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    lab.close()
    assert shown["AttributeValues"] == [{"AttributeValue": defaults[0]["VpcId"] if with_default else "none"}]


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([("a", "b"), ("a", "c")], "Duplicate tag key 'a' specified."),
        ([("a" * 129, "b")], "Tag key exceeds the maximum length of 128 characters"),
        ([("a", "b" * 257)], "Tag value exceeds the maximum length of 256 characters"),
    ],
)
def test_tags_have_keys_that_are_there_once_and_texts_that_are_not_too_long(lab, ec2, run, refused, tags, words):
    """EC2 user guide, tag restrictions: 128 and 256 characters, each key once."""
    given = [{"Key": key, "Value": value} for key, value in tags]
    with refused("InvalidParameterValue", words):
        ec2.create_tags(Resources=[lab.account.vpc_id], Tags=given)
    with refused("InvalidParameterValue", words):
        run(TagSpecifications=[{"ResourceType": "instance", "Tags": given}])


def test_a_missing_key_pair_is_named(ec2, refused):
    """Error code InvalidKeyPair.NotFound: the key pair name does not exist."""
    with refused("InvalidKeyPair.NotFound", "The key pair 'nobody' does not exist"):
        ec2.describe_key_pairs(KeyNames=["nobody"])
