from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def states(ec2):
    pages = ec2.describe_instances()["Reservations"]
    return {i["InstanceId"]: i["State"]["Name"] for r in pages for i in r["Instances"]}


def test_an_instance_is_pending_then_running_then_shutting_down_then_terminated_then_gone(lab, ec2, run, instance):
    i = run(wait=False)
    assert instance(i)["State"] == {"Code": 0, "Name": "pending"}
    lab.run(lab.delays.instance_pending)
    assert instance(i)["State"]["Name"] == "running"
    ec2.terminate_instances(InstanceIds=[i])
    ec2.terminate_instances(InstanceIds=[i])
    assert instance(i)["State"]["Name"] == "shutting-down"
    lab.run(lab.delays.instance_shutting_down)
    after = instance(i)
    assert after["State"]["Name"] == "terminated"
    assert [after.get(k) for k in ("PrivateIpAddress", "VpcId", "NetworkInterfaces")] == [None, None, []]
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    lab.run(3700, step=100)
    assert states(ec2) == {}


def test_an_instance_does_not_run_before_its_machine_does(lab, ec2, run):
    i = run(wait=False)
    lab.machines[i].state = "pending"
    lab.run(60)
    assert states(ec2)[i] == "pending"
    lab.machines[i].state = "running"
    lab.tick()
    assert states(ec2)[i] == "running"


def test_stop_and_start_take_their_time_and_change_the_public_address_only(lab, ec2, run, instance):
    i = run()
    before = instance(i)
    assert before["PublicIpAddress"] != before["PrivateIpAddress"]
    assert before["PublicDnsName"] == before["PublicIpAddress"]
    ec2.stop_instances(InstanceIds=[i])
    assert instance(i)["State"]["Name"] == "stopping"
    lab.run(lab.delays.instance_stopping)
    stopped = instance(i)
    assert (stopped["State"]["Name"], stopped.get("PublicIpAddress")) == ("stopped", None)
    ec2.start_instances(InstanceIds=[i])
    assert instance(i)["State"]["Name"] == "pending"
    lab.run(lab.delays.instance_pending)
    after = instance(i)
    assert after["State"]["Name"] == "running"
    assert after["PrivateIpAddress"] == before["PrivateIpAddress"]
    assert after["PublicIpAddress"] != before["PublicIpAddress"]
    assert lab.machines[i].boots == 2
    assert lab.machines[i].spec.public_ip == after["PublicIpAddress"]


def test_calls_in_the_wrong_state_are_refused(lab, ec2, run, refused):
    i = run(wait=False)
    with refused("IncorrectInstanceState", "from which it can be stopped"):
        ec2.stop_instances(InstanceIds=[i])
    lab.run(20)
    ec2.stop_instances(InstanceIds=[i])
    with refused("IncorrectInstanceState", "from which it can be started"):
        ec2.start_instances(InstanceIds=[i])
    with refused("IncorrectState"):
        ec2.reboot_instances(InstanceIds=[i])


def test_a_reboot_restarts_the_machine_while_the_instance_stays_running(lab, ec2, run):
    i = run()
    ec2.reboot_instances(InstanceIds=[i])
    assert states(ec2)[i] == "running"
    lab.run(5)
    assert (lab.machines[i].state, lab.machines[i].boots) == ("running", 2)


CHANGES = [  # call, member of its answer, states before: what it tells of before and of now
    ("stop_instances", "StoppingInstances", {"running": "stopping", "stopping": "stopping", "stopped": "stopped"}),
    ("start_instances", "StartingInstances", {"stopped": "pending", "pending": "pending", "running": "running"}),
    (
        "terminate_instances",
        "TerminatingInstances",
        {"running": "shutting-down", "stopped": "shutting-down", "terminated": "terminated"},
    ),
]
CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


@pytest.mark.parametrize(
    ("call", "key", "before", "now"),
    [(call, key, before, now) for call, key, states in CHANGES for before, now in states.items()],
)
def test_a_change_tells_the_state_before_and_the_state_of_now(lab, ec2, run, call, key, before, now):
    """API reference of StopInstances, StartInstances, TerminateInstances: previousState, and currentState as it is."""
    i = run(wait=before != "pending")
    if before in ("stopping", "stopped"):
        ec2.stop_instances(InstanceIds=[i])
    if before == "terminated":
        ec2.terminate_instances(InstanceIds=[i])
    if before in ("stopped", "terminated"):
        lab.run(20)
    (shown,) = getattr(ec2, call)(InstanceIds=[i])[key]
    assert (shown["PreviousState"]["Name"], shown["CurrentState"]["Name"]) == (before, now)
    assert [shown[of]["Code"] for of in ("PreviousState", "CurrentState")] == [CODES[before], CODES[now]]


BAD_LAUNCHES = [
    ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound", "The image id '[ami-0123456789abcdef0]' does not"),
    ({"ImageId": "wcs"}, "InvalidAMIID.Malformed", 'expecting "ami-..."'),
    ({"InstanceType": "t9.vast"}, "InvalidParameterValue", "Invalid value 't9.vast' for InstanceType."),
    ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound", "The key pair 'nobody' does not exist"),
    ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound", ""),
    ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound", ""),
    (
        {"IamInstanceProfile": {"Name": "nope"}},
        "InvalidParameterValue",
        "Value (nope) for parameter iamInstanceProfile.name",
    ),
    ({"DryRun": True}, "DryRunOperation", "Request would have succeeded"),
]


@pytest.mark.parametrize(("options", "code", "message"), BAD_LAUNCHES)
def test_a_launch_that_names_what_is_not_there_is_refused(lab, ec2, run, refused, options, code, message):
    with refused(code, message):
        run(**options)
    assert states(ec2) == {}


def test_a_launch_without_a_subnet_is_refused_where_there_is_no_default_vpc(lab, ec2, refused):
    with refused("VPCIdNotSpecified"):
        ec2.run_instances(ImageId=lab.account.wcs_image_id, MinCount=1, MaxCount=1)


def test_a_machine_that_cannot_have_an_address_is_refused_before_anything_is_made(lab, ec2, run, refused, monkeypatch):
    monkeypatch.setattr(lab.machines, "refuse", lambda cidr: f"{cidr} is not ours")
    with refused("Unsupported", "127.77.1.0/24 is not ours"):
        run()
    assert states(ec2) == {}


def test_a_client_token_launches_once_until_the_instance_is_terminated(lab, ec2, run, refused):
    first = run(ClientToken="t", KeyName=lab.account.key_name)
    assert run(ClientToken="t", KeyName=lab.account.key_name) == first
    with refused("IdempotentParameterMismatch"):
        run(ClientToken="t")
    ec2.terminate_instances(InstanceIds=[first])
    with refused("IdempotentInstanceTerminated"):
        run(ClientToken="t", KeyName=lab.account.key_name)
    assert len(states(ec2)) == 1


def test_a_launch_from_a_template_takes_all_of_the_version_named(lab, aws, ec2, run, instance):
    aws("iam").create_instance_profile(InstanceProfileName="node")
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=lab.account.vpc_id)["GroupId"]
    data = {
        "ImageId": lab.account.bare_image_id,
        "InstanceType": "c5.large",
        "KeyName": lab.account.key_name,
        "Monitoring": {"Enabled": True},
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        "IamInstanceProfile": {"Name": "node"},
        "EbsOptimized": True,
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": False, "Groups": [group]}],
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}},
            {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "VolumeType": "gp3", "Iops": 4000, "Encrypted": True}},
        ],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "1"}]}],
    }
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData={"ImageId": lab.account.wcs_image_id})
    ec2.create_launch_template_version(LaunchTemplateName="wcs", LaunchTemplateData=data)
    launched = ec2.run_instances(
        MinCount=1,
        MaxCount=1,
        SubnetId=lab.account.subnet_ids[1],
        LaunchTemplate={"LaunchTemplateName": "wcs", "Version": "2"},
    )["Instances"][0]["InstanceId"]
    lab.run(10)
    got = instance(launched)
    assert got["ImageId"] == lab.account.bare_image_id
    assert (got["InstanceType"], got["KeyName"], got["EbsOptimized"]) == ("c5.large", lab.account.key_name, True)
    assert got["Monitoring"]["State"] == "enabled"
    assert got["MetadataOptions"]["HttpTokens"] == "required"
    assert got["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    assert got["IamInstanceProfile"]["Arn"].endswith(":instance-profile/node")
    assert "PublicIpAddress" not in got
    assert got["SubnetId"] == lab.account.subnet_ids[1]
    assert [g["GroupId"] for g in got["SecurityGroups"]] == [group]
    assert {"Key": "aws:ec2launchtemplate:version", "Value": "2"} in got["Tags"]
    assert {"Key": "a", "Value": "1"} in got["Tags"]
    assert lab.machines[launched].spec.metadata_required
    volumes = {v["Attachments"][0]["Device"]: v for v in ec2.describe_volumes()["Volumes"]}
    assert {name: v["Size"] for name, v in volumes.items()} == {"/dev/xvda": 20, "/dev/sdf": 5}
    assert (volumes["/dev/sdf"]["Iops"], volumes["/dev/sdf"]["Encrypted"]) == (4000, True)
    ec2.terminate_instances(InstanceIds=[launched])
    assert ec2.describe_volumes()["Volumes"] == []


def test_a_volume_cannot_be_smaller_than_its_snapshot(lab, ec2, run, refused):
    i = run()
    made = ec2.create_image(InstanceId=i, Name="wcs-1")["ImageId"]
    lab.run(30)
    with refused("InvalidBlockDeviceMapping", "expect size >= 8GB"):
        run(ImageId=made, BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 4}}])


def test_detailed_monitoring_can_be_turned_on_and_off(ec2, run, instance):
    i = run()
    assert ec2.monitor_instances(InstanceIds=[i])["InstanceMonitorings"][0]["Monitoring"]["State"] == "pending"
    assert instance(i)["Monitoring"]["State"] == "enabled"
    ec2.unmonitor_instances(InstanceIds=[i])
    assert instance(i)["Monitoring"]["State"] == "disabled"


def test_a_security_group_in_use_is_not_deleted(lab, ec2, run, refused):
    make = lambda name: ec2.create_security_group(GroupName=name, Description="-", VpcId=lab.account.vpc_id)["GroupId"]  # noqa: E731
    node, other = make("node"), make("other")
    ec2.authorize_security_group_ingress(
        GroupId=other,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": node}]}],
    )
    i = run(SecurityGroupIds=[node])
    with refused("DependencyViolation", f"resource {node} has a dependent object"):
        ec2.delete_security_group(GroupId=node)
    ec2.terminate_instances(InstanceIds=[i])
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=node)
    ec2.delete_security_group(GroupId=other)
    ec2.delete_security_group(GroupId=node)
    with refused("VPCIdNotSpecified"):
        ec2.create_security_group(GroupName="x", Description="-")


def test_what_aws_does_not_know_is_refused_in_its_own_words(aws, ec2, run, refused):
    run()
    with refused("InvalidParameterValue", "The filter 'colour' is invalid"):
        ec2.describe_instances(Filters=[{"Name": "colour", "Values": ["red"]}])
    with refused("InvalidParameterValue", "The filter 'colour' is invalid"):
        ec2.describe_images(Filters=[{"Name": "colour", "Values": ["red"]}])
    with refused("LabCannotAnswer", "The lab cannot do DescribeAnomalyDetectors. AWS can."):
        aws("cloudwatch").describe_anomaly_detectors()


def test_every_reply_has_a_request_id_of_its_own(lab, ec2, refused):
    ids = [ec2.describe_images()["ResponseMetadata"]["RequestId"] for _ in range(2)]
    assert len(set(ids)) == 2
    assert "request-id" not in ids


def test_other_regions_exist_and_hold_nothing_of_the_first(lab, aws, run):
    run()
    other = aws("ec2", "eu-west-1")
    assert other.describe_instances()["Reservations"] == []
    assert other.describe_vpcs()["Vpcs"] == []


MISSING = [
    ("describe_subnets", "SubnetIds", "subnet-0123456789abcdef0", "InvalidSubnetID.NotFound"),
    ("describe_vpcs", "VpcIds", "vpc-0123456789abcdef0", "InvalidVpcID.NotFound"),
    ("describe_security_groups", "GroupIds", "sg-0123456789abcdef0", "InvalidGroup.NotFound"),
    ("describe_snapshots", "SnapshotIds", "snap-0123456789abcdef0", "InvalidSnapshot.NotFound"),
    ("describe_volumes", "VolumeIds", "vol-0123456789abcdef0", "InvalidVolume.NotFound"),
    ("describe_instances", "InstanceIds", "i-0123456789abcdef0", "InvalidInstanceID.NotFound"),
    ("terminate_instances", "InstanceIds", "i-0123456789abcdef0", "InvalidInstanceID.NotFound"),
    ("describe_images", "ImageIds", "ami-0123456789abcdef0", "InvalidAMIID.NotFound"),
]


@pytest.mark.parametrize(("operation", "parameter", "missing", "code"), MISSING)
def test_what_is_not_there_is_named_also_among_what_is(lab, ec2, refused, operation, parameter, missing, code):
    there = lab.account.subnet_ids[:1] if parameter == "SubnetIds" else []
    with refused(code, f"{missing}"):
        getattr(ec2, operation)(**{parameter: [*there, missing]})


@pytest.mark.parametrize("missing", ["i-0123456789abcdef0", "ami-0123456789abcdef0", "snap-0123456789abcdef0"])
def test_tags_go_to_what_exists_only(lab, ec2, missing):
    with pytest.raises(ClientError, match=f"NotFound.*{missing}"):
        ec2.create_tags(Resources=[missing], Tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(ClientError, match="reserved for internal use"):
        ec2.create_tags(Resources=[lab.account.vpc_id], Tags=[{"Key": "aws:a", "Value": "b"}])


def test_the_attributes_of_an_image_are_told_to_its_owner_only(lab, ec2, refused):
    with refused("AuthFailure"):
        ec2.describe_image_attribute(ImageId=lab.account.wcs_image_id, Attribute="launchPermission")
    with refused("InvalidAMIID.NotFound"):
        ec2.describe_image_attribute(ImageId="ami-0123456789abcdef0", Attribute="launchPermission")
