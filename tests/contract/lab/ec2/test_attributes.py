"""What is kept of an instance's launch, and what is changed of it later; its volumes."""

from __future__ import annotations

import pytest


def test_g8_metadata_options_that_are_not_named_stay(ec2, run, instance):
    i = run(MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 3})
    options = ec2.modify_instance_metadata_options(InstanceId=i, HttpEndpoint="disabled")["InstanceMetadataOptions"]
    assert options["State"] == "pending"
    assert instance(i)["MetadataOptions"] == {
        "State": "applied",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 3,
        "HttpEndpoint": "disabled",
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": "disabled",
    }


def test_g16_credits_and_cores_are_as_asked_for(ec2, run, instance):
    i = run(
        InstanceType="t3.small",
        CpuOptions={"CoreCount": 1, "ThreadsPerCore": 1},
        CreditSpecification={"CpuCredits": "standard"},
    )
    assert instance(i)["CpuOptions"] == {"CoreCount": 1, "ThreadsPerCore": 1}

    def held():
        rows = ec2.describe_instance_credit_specifications(InstanceIds=[i])["InstanceCreditSpecifications"]
        return [row["CpuCredits"] for row in rows]

    assert held() == ["standard"]
    wanted = [
        {"InstanceId": i, "CpuCredits": "unlimited"},
        {"InstanceId": "i-0123456789abcdef0", "CpuCredits": "standard"},
    ]
    answer = ec2.modify_instance_credit_specification(InstanceCreditSpecifications=wanted)
    assert [row["InstanceId"] for row in answer["SuccessfulInstanceCreditSpecifications"]] == [i]
    assert [row["Error"]["Code"] for row in answer["UnsuccessfulInstanceCreditSpecifications"]] == [
        "InvalidInstanceID.NotFound"
    ]
    assert held() == ["unlimited"]


KEPT = [
    ("CapacityReservationSpecification", {"CapacityReservationPreference": "none"}),
    ("EnclaveOptions", {"Enabled": True}),
    ("HibernationOptions", {"Configured": True}),
    ("MaintenanceOptions", {"AutoRecovery": "disabled"}),
    ("PrivateDnsNameOptions", {"HostnameType": "resource-name", "EnableResourceNameDnsARecord": True}),
]


@pytest.mark.parametrize(("name", "value"), KEPT)
def test_g16_what_an_instance_is_asked_to_be_is_told(run, instance, name, value):
    assert instance(run(**{name: value}))[name] == value


def test_g16_a_placement_is_told_and_cores_where_nobody_asked(run, instance):
    i = run(Placement={"Tenancy": "dedicated", "GroupName": "near"}, InstanceType="c5.large")
    placed = instance(i)["Placement"]
    assert (placed["Tenancy"], placed["GroupName"], placed["AvailabilityZone"]) == ("dedicated", "near", "us-east-1a")
    assert instance(i)["CpuOptions"] == {"CoreCount": 1, "ThreadsPerCore": 2}


def test_g21_a_request_without_what_it_is_about_is_refused(ec2, run, refused):
    run()
    with refused("MissingParameter", "The request must contain the parameter resourceIdSet"):
        ec2.create_tags(Resources=[], Tags=[{"Key": "a", "Value": "b"}])
    with refused("MissingParameter"):
        ec2.delete_tags(Resources=[])


def test_g21_an_instance_that_may_not_be_stopped_says_so(lab, ec2, run, instance, refused):
    i = run(DisableApiStop=True)
    with refused("OperationNotPermitted", f"The instance '{i}' may not be stopped."):
        ec2.stop_instances(InstanceIds=[i])
    ec2.modify_instance_attribute(InstanceId=i, DisableApiStop={"Value": False})
    ec2.stop_instances(InstanceIds=[i])
    lab.run(lab.delays.instance_stopping)
    assert instance(i)["State"]["Name"] == "stopped"


def test_some_attributes_are_changed_while_it_is_stopped_only(lab, ec2, run, instance, refused):
    i = run(InstanceType="t3.small")
    with refused("IncorrectInstanceState", "is not in the 'stopped' state"):
        ec2.modify_instance_attribute(InstanceId=i, InstanceType={"Value": "t3.large"})
    ec2.modify_instance_attribute(InstanceId=i, InstanceInitiatedShutdownBehavior={"Value": "terminate"})
    shown = ec2.describe_instance_attribute(InstanceId=i, Attribute="instanceInitiatedShutdownBehavior")
    assert shown["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
    ec2.stop_instances(InstanceIds=[i])
    lab.run(lab.delays.instance_stopping)
    ec2.modify_instance_attribute(InstanceId=i, InstanceType={"Value": "t3.large"})
    assert instance(i)["InstanceType"] == "t3.large"


def test_the_groups_of_an_instance_are_its_interfaces(lab, ec2, run, instance, refused):
    i = run()
    made = ec2.create_security_group(GroupName="g", Description="-", VpcId=lab.account.vpc_id)["GroupId"]
    with refused("InvalidGroup.NotFound"):
        ec2.modify_instance_attribute(InstanceId=i, Groups=["sg-0123456789abcdef0"])
    ec2.modify_instance_attribute(InstanceId=i, Groups=[made])
    shown = instance(i)
    assert [g["GroupId"] for g in shown["SecurityGroups"]] == [made]
    assert [g["GroupId"] for g in shown["NetworkInterfaces"][0]["Groups"]] == [made]


def test_a_volume_is_attached_once_and_detached_by_its_id(ec2, run, instance, refused):
    i = run()
    made = ec2.create_volume(Size=1, AvailabilityZone="us-east-1a")["VolumeId"]
    elsewhere = ec2.create_volume(Size=1, AvailabilityZone="us-east-1b")["VolumeId"]
    ec2.attach_volume(VolumeId=made, InstanceId=i, Device="/dev/sdf")
    with refused("VolumeInUse"):
        ec2.attach_volume(VolumeId=made, InstanceId=i, Device="/dev/sdg")
    with refused("InvalidVolume.ZoneMismatch"):
        ec2.attach_volume(VolumeId=elsewhere, InstanceId=i, Device="/dev/sdg")
    attached = ec2.describe_volumes(VolumeIds=[made])["Volumes"][0]["Attachments"][0]
    assert attached["DeleteOnTermination"] is False
    assert ec2.detach_volume(VolumeId=made)["InstanceId"] == i
    with refused("IncorrectState"):
        ec2.detach_volume(VolumeId=made)
    root = instance(i)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    with refused("OperationNotPermitted", "Unable to detach root volume"):
        ec2.detach_volume(VolumeId=root)
