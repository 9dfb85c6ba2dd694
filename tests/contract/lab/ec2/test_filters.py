"""Every filter that AWS documents for EC2's describe calls finds what the answer shows, or the lab says it cannot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model

from lab.core.filters import documented, key, places
from lab.ec2.answers.filters import FILTERED

CALLS = {
    "DescribeImages": ("describe_images", "Images"),
    "DescribeInstances": ("describe_instances", "Reservations[].Instances"),
    "DescribeSubnets": ("describe_subnets", "Subnets"),
    "DescribeSecurityGroups": ("describe_security_groups", "SecurityGroups"),
    "DescribeNetworkInterfaces": ("describe_network_interfaces", "NetworkInterfaces"),
    "DescribeSnapshots": ("describe_snapshots", "Snapshots"),
    "DescribeVolumes": ("describe_volumes", "Volumes"),
    "DescribeDhcpOptions": ("describe_dhcp_options", "DhcpOptions"),
    "DescribeInternetGateways": ("describe_internet_gateways", "InternetGateways"),
    "DescribeNetworkAcls": ("describe_network_acls", "NetworkAcls"),
    "DescribeRegions": ("describe_regions", "Regions"),
    "DescribeRouteTables": ("describe_route_tables", "RouteTables"),
    "DescribeTags": ("describe_tags", "Tags"),
    "DescribeVpcs": ("describe_vpcs", "Vpcs"),
    "DescribeLaunchTemplates": ("describe_launch_templates", "LaunchTemplates"),
    "DescribeLaunchTemplateVersions": ("describe_launch_template_versions", "LaunchTemplateVersions"),
}
CANNOT = {
    "DescribeInstances": {
        "metadata-options.http-protocol-ipv4",
        "network-interface.addresses.association.allocation-id",
        "network-interface.addresses.association.association-id",
        "network-interface.association.allocation-id",
        "network-interface.association.association-id",
        "network-interface.deny-all-igw-traffic",
        "network-interface.ipv6-native",
        "network-interface.outpost-arn",
        "network-interface.requester-id",
        "network-interface.requester-managed",
        "network-interface.tag-key",
        "network-interface.tag-value",
    },
    "DescribeLaunchTemplateVersions": {"http-protocol-ipv4"},
}
"""What botocore documents and no member of the answer tells."""
OF_THE_RESERVATION = {"owner-id": "OwnerId", "reservation-id": "ReservationId", "requester-id": "RequesterId"}
EVERY = [(operation, name) for operation in CALLS for name in sorted(documented(operation)) if name != "tag"]


@pytest.fixture
def account(lab, ec2, run):
    """An account with two of each, one of them as bare as can be."""
    tags = [{"Key": "Name", "Value": "one"}]
    rich = run(
        InstanceType="t3.small",
        ClientToken="once",
        KeyName=lab.account.key_name,
        Monitoring={"Enabled": True},
        MetadataOptions={"HttpTokens": "required"},
        EnclaveOptions={"Enabled": True},
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    run(SubnetId=lab.account.subnet_ids[1])
    ec2.create_tags(Resources=[lab.account.subnet_ids[0]], Tags=tags)
    ec2.create_image(InstanceId=rich, Name="wcs-1", Description="one")
    ec2.create_snapshot(VolumeId=ec2.create_volume(Size=3, AvailabilityZone="us-east-1b")["VolumeId"])
    group = ec2.create_security_group(GroupName="g", Description="ours", VpcId=lab.account.vpc_id)["GroupId"]
    ours = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    sixes = {"IpProtocol": "udp", "FromPort": 5, "ToPort": 6, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}
    pairs = {"IpProtocol": "tcp", "FromPort": 7, "ToPort": 7, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ours, sixes, pairs])
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[ours, sixes, pairs])
    data = {
        "ImageId": lab.account.wcs_image_id,
        "InstanceType": "c5.large",
        "EbsOptimized": True,
        "IamInstanceProfile": {"Name": "nodes"},
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
    }
    for name in ("one", "two"):
        ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": [name]}])
        ec2.attach_internet_gateway(
            InternetGatewayId=ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"],
            VpcId=ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"],
        )
    for name in ("wcs", "other"):
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    ec2.create_launch_template_version(LaunchTemplateName="wcs", LaunchTemplateData={"InstanceType": "m5.large"})
    return lab


def rows(ec2, operation, filters=()):
    """The rows of the answer; of a reservation its instances, which carry its members."""
    call, key = CALLS[operation]
    given: dict[str, Any] = {"Filters": list(filters)} if filters else {}
    if operation == "DescribeLaunchTemplateVersions":
        given["LaunchTemplateName"] = "wcs"
    answer = getattr(ec2, call)(**given)
    if key != "Reservations[].Instances":
        return answer[key]
    return [
        {**{name: reservation.get(name) for name in OF_THE_RESERVATION.values()}, **instance}
        for reservation in answer["Reservations"]
        for instance in reservation["Instances"]
    ]


def values(row, path):
    """What stands at a path of an answer, as a filter's value is written."""
    if isinstance(row, list):
        return {value for one in row for value in values(one, path)}
    if path:
        return values(row[path[0]], path[1:]) if row.get(path[0]) is not None else set()
    if isinstance(row, bool):
        return {str(row).lower()}
    return {row.strftime("%Y-%m-%dT%H:%M:%S.000Z") if isinstance(row, datetime) else str(row)}


def at(operation, name, row):
    if name in ("tag-key", "tag-value"):
        return {tag[name.removeprefix("tag-").title()] for tag in row.get("Tags") or row.get("TagSet") or []}
    if operation == "DescribeInstances" and name in OF_THE_RESERVATION:
        return values(row, (OF_THE_RESERVATION[name],))
    return {value for path in places(operation, name) for value in values(row, path)}


def attempt(ec2, operation, name, value):
    """The rows found; the code of the error where there is one."""
    try:
        return rows(ec2, operation, [{"Name": name, "Values": [value]}])
    except ClientError as error:
        return error.response["Error"]["Code"]


def test_g15_each_documented_filter_finds_what_the_answer_shows_or_the_lab_says_it_cannot(account, ec2):
    wrong, cannot = [], {}
    there = {operation: rows(ec2, operation) for operation in CALLS}
    assert [operation for operation, found in there.items() if len(found) < 2] == []
    for operation, name in EVERY:
        everything = there[operation]
        seen = sorted({value for row in everything for value in at(operation, name, row)})
        for value in (*seen[:1], "no-such-value"):
            found = attempt(ec2, operation, name, value)
            if found == "LabCannotFilter":
                cannot.setdefault(operation, set()).add(name)
            elif found != [row for row in everything if value in at(operation, name, row)]:
                wrong.append((operation, name, value))
    assert wrong == []
    assert cannot == CANNOT


LOOKED_AT = {
    ("DescribeImages", "block-device-mapping.volume-size"): "BlockDeviceMappings.Ebs.VolumeSize",
    ("DescribeImages", "state-reason-code"): "StateReason.Code",
    ("DescribeInstances", "instance-state-name"): "State.Name",
    ("DescribeInstances", "network-interface.addresses.private-ip-address"): (
        "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress"
    ),
    ("DescribeInstances", "tenancy"): "Placement.Tenancy",
    ("DescribeInstances", "iam-instance-profile.arn"): "IamInstanceProfile.Arn",
    ("DescribeNetworkInterfaces", "attachment.device-index"): "Attachment.DeviceIndex",
    ("DescribeSecurityGroups", "egress.ip-permission.ipv6-cidr"): "IpPermissionsEgress.Ipv6Ranges.CidrIpv6",
    ("DescribeSubnets", "subnet-arn"): "SubnetArn",
    ("DescribeVolumes", "attachment.instance-id"): "Attachments.InstanceId",
    ("DescribeLaunchTemplateVersions", "http-tokens"): "LaunchTemplateData.MetadataOptions.HttpTokens",
}


@pytest.mark.parametrize(("operation", "name"), LOOKED_AT)
def test_g15_a_filter_looks_at_the_member_it_is_named_after(operation, name):
    assert [".".join(path) for path in places(operation, name)] == [LOOKED_AT[operation, name]]


WILD = [("wcs", 1), ("w*", 1), ("w?s", 1), ("*", 2), ("WCS", 0), ("wcs?", 0), ("w\\*", 0)]


@pytest.mark.parametrize(("value", "count"), WILD)
def test_g15_a_star_is_any_text_and_case_counts(account, ec2, value, count):
    asked = [{"Name": "launch-template-name", "Values": [value]}]
    assert len(rows(ec2, "DescribeLaunchTemplates", asked)) == count


def test_g15_all_filters_must_pass_and_one_value_of_each(account, ec2):
    def found(*filters):
        asked = [{"Name": name, "Values": values} for name, values in filters]
        return len(rows(ec2, "DescribeInstances", asked))

    assert found(("instance-type", ["t3.small", "m1.small"])) == 2
    assert found(("instance-type", ["t3.*"]), ("tag:Name", ["o*"])) == 1
    assert found(("instance-type", ["m1.small"]), ("tag:Name", ["one"])) == 0
    assert found(("tag:name", ["one"])) == 0


@pytest.mark.parametrize("operation", CALLS)
def test_g15_a_filter_that_aws_has_not_is_invalid_wherever_it_is_asked(ec2, refused, operation):
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData={})
    with refused("InvalidParameterValue", "The filter 'colour' is invalid"):
        rows(ec2, operation, [{"Name": "colour", "Values": ["red"]}])


@pytest.mark.parametrize("method", FILTERED)
def test_so_it_is_where_there_is_nothing_to_describe(ec2, refused, method):
    members = ec2.meta.service_model.operation_model(FILTERED[method]).input_shape.members
    with refused("InvalidParameterValue", "The filter 'colour' is invalid"):
        getattr(ec2, method)(
            **{next(n for n in members if n.startswith("Filter")): [{"Name": "colour", "Values": ["red"]}]}
        )


def test_tags_are_found_by_key_and_value_together(account, ec2):
    """DescribeTags, tag:<key>."""
    found = ec2.describe_tags(Filters=[{"Name": "tag:Name", "Values": ["one"]}])["Tags"]
    assert {(tag["Key"], tag["Value"], tag["ResourceType"]) for tag in found} == {
        ("Name", "one", "instance"),
        ("Name", "one", "subnet"),
    }


PAGED = [
    method
    for method, operation in FILTERED.items()
    if "MaxResults" in get_service_model("ec2").operation_model(operation).input_shape.members
]


def test_instances_come_page_by_page_too(account, ec2, refused):
    """DescribeInstances, NextToken; error code InvalidNextToken."""
    for _ in range(6):
        ec2.run_instances(
            ImageId=account.account.wcs_image_id, MinCount=1, MaxCount=1, SubnetId=account.account.subnet_ids[0]
        )
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Reservations"]) for page in pages] == [5, 3]
    with refused("InvalidNextToken"):
        ec2.describe_instances(MaxResults=5, NextToken="not AWS's")


@pytest.mark.parametrize("method", PAGED)
def test_what_is_described_comes_page_by_page(account, ec2, refused, method):
    """MaxResults: the remaining results are in the next pages; error code InvalidNextToken."""
    operation = FILTERED[method]
    everything = getattr(ec2, method)()[key(operation)]
    pages = list(ec2.get_paginator(method).paginate(PaginationConfig={"PageSize": 5}))
    assert [row for page in pages for row in page[key(operation)]] == everything
    assert [len(page[key(operation)]) for page in pages[:-1]] == [5] * (len(pages) - 1)
    with refused("InvalidNextToken"):
        getattr(ec2, method)(MaxResults=5, NextToken="not AWS's")
