from __future__ import annotations

import pytest


@pytest.fixture
def made(lab, ec2, run):
    """An available image of a running instance with two volumes."""
    devices = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "Encrypted": True, "DeleteOnTermination": False}}]
    i = run(BlockDeviceMappings=devices)
    image_id = ec2.create_image(InstanceId=i, Name="wcs-0001")["ImageId"]
    lab.run(30)
    return image_id


def test_an_image_has_a_tagged_snapshot_of_each_volume_and_is_pending_for_a_while(lab, ec2, run, image):
    i = run(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "Encrypted": True}}])
    image_id = ec2.create_image(
        InstanceId=i,
        Name="wcs-0001",
        Description="d",
        TagSpecifications=[
            {"ResourceType": "image", "Tags": [{"Key": "stack", "Value": "wcs"}]},
            {"ResourceType": "snapshot", "Tags": [{"Key": "of", "Value": "wcs"}]},
        ],
    )["ImageId"]
    got = image(image_id)
    assert (got["State"], got["Name"], got["Description"], got["SourceInstanceId"]) == ("pending", "wcs-0001", "d", i)
    assert got["Tags"] == [{"Key": "stack", "Value": "wcs"}]
    assert got["SourceImageId"] == lab.account.wcs_image_id
    assert got["OwnerId"] == lab.account.account_id
    devices = {d["DeviceName"]: d["Ebs"] for d in got["BlockDeviceMappings"]}
    assert {n: (e["VolumeSize"], e["Encrypted"]) for n, e in devices.items()} == {
        "/dev/xvda": (8, False),
        "/dev/sdf": (5, True),
    }
    snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert {s["SnapshotId"] for s in snapshots} == {e["SnapshotId"] for e in devices.values()}
    assert {(s["State"], s["Progress"]) for s in snapshots} == {("pending", "0%")}
    assert all(s["Tags"] == [{"Key": "of", "Value": "wcs"}] for s in snapshots)
    lab.run(lab.delays.image_pending)
    assert image(image_id)["State"] == "available"
    assert {s["State"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]} == {"completed"}
    assert lab.machines.images[image_id] == i


@pytest.mark.parametrize(("no_reboot", "boots"), [(True, 1), (False, 2)])
def test_the_machine_reboots_for_its_image_unless_told_not_to(lab, ec2, run, no_reboot, boots):
    i = run()
    ec2.create_image(InstanceId=i, Name="wcs-0001", NoReboot=no_reboot)
    lab.run(30)
    assert (lab.machines[i].state, lab.machines[i].boots) == ("running", boots)


def test_a_stopped_instance_is_imaged_and_stays_stopped(lab, ec2, run, image):
    i = run()
    ec2.stop_instances(InstanceIds=[i])
    lab.run(10)
    image_id = ec2.create_image(InstanceId=i, Name="wcs-0001")["ImageId"]
    lab.run(30)
    assert image(image_id)["State"] == "available"
    assert lab.machines[i].state == "stopped"


@pytest.mark.parametrize("name", ["x" * 129, "wcs+1", "wcs:1"])
def test_a_malformed_name_is_refused(ec2, run, refused, name):
    i = run()
    with refused("InvalidAMIName.Malformed", "between 3 and 128"):
        ec2.create_image(InstanceId=i, Name=name)


def test_a_name_is_taken_until_its_image_is_deregistered_also_by_a_failed_one(lab, ec2, run, refused, image):
    i = run()
    lab.image_failures.append(("Server.InternalError", "Internal error on launch"))
    first = ec2.create_image(InstanceId=i, Name="wcs-0001")["ImageId"]
    with refused("InvalidAMIName.Duplicate", f"AMI name wcs-0001 is already in use by AMI {first}"):
        ec2.create_image(InstanceId=i, Name="wcs-0001")
    lab.run(30)
    assert image(first)["State"] == "failed"
    assert image(first)["StateReason"]["Code"] == "Server.InternalError"
    with refused("InvalidAMIName.Duplicate"):
        ec2.create_image(InstanceId=i, Name="wcs-0001")
    ec2.deregister_image(ImageId=first)
    second = ec2.create_image(InstanceId=i, Name="wcs-0001")["ImageId"]
    lab.run(30)
    assert image(second)["State"] == "available"


@pytest.mark.parametrize("state", ["pending", "shutting-down", "terminated"])
def test_only_running_stopping_and_stopped_instances_are_imaged(lab, ec2, run, refused, state):
    i = run(wait=state != "pending")
    if state != "pending":
        ec2.terminate_instances(InstanceIds=[i])
        lab.run(20 if state == "terminated" else 0)
    with refused("InvalidParameterValue", "Instance is not in state 'running' or 'stopping' or 'stopped'"):
        ec2.create_image(InstanceId=i, Name="wcs-0001")


def test_an_image_fails_when_its_instance_is_terminated_meanwhile(lab, ec2, run, image):
    i = run()
    image_id = ec2.create_image(InstanceId=i, Name="wcs-0001")["ImageId"]
    ec2.terminate_instances(InstanceIds=[i])
    lab.run(30)
    assert image(image_id)["State"] == "failed"
    assert image(image_id)["StateReason"]["Code"] == "Client.InstanceTerminated"


def test_an_image_fails_when_its_disk_cannot_be_copied(lab, ec2, run, image, monkeypatch):
    def vanished(*_):
        raise FileNotFoundError

    i = run()
    monkeypatch.setattr(lab.machines, "capture", vanished)
    image_id = ec2.create_image(InstanceId=i, Name="wcs-0001", NoReboot=True)["ImageId"]
    lab.run(30)
    assert image(image_id)["StateReason"]["Code"] == "Server.InternalError"


def test_overrides_change_add_and_leave_out_devices(lab, ec2, run, image, refused):
    i = run(BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5}}])
    image_id = ec2.create_image(
        InstanceId=i,
        Name="wcs-0001",
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "DeleteOnTermination": True}},
            {"DeviceName": "/dev/sdf", "NoDevice": ""},
            {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 7, "VolumeType": "gp3"}},
        ],
    )["ImageId"]
    lab.run(30)
    devices = {d["DeviceName"]: d["Ebs"]["VolumeSize"] for d in image(image_id)["BlockDeviceMappings"]}
    assert devices == {"/dev/xvda": 30, "/dev/sdg": 7}
    assert len(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 1
    for bad in ({"VolumeSize": 2}, {"Encrypted": True}):
        with refused("InvalidBlockDeviceMapping"):
            ec2.create_image(
                InstanceId=i, Name="wcs-0002", BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": bad}]
            )
    assert len(ec2.describe_images(Owners=["self"])["Images"]) == 1


def test_a_pending_image_cannot_be_launched_an_available_one_can(lab, ec2, run, refused):
    i = run()
    image_id = ec2.create_image(InstanceId=i, Name="wcs-0001")["ImageId"]
    with refused("InvalidAMIID.Unavailable", "is pending, and cannot be run"):
        run(ImageId=image_id)
    lab.run(30)
    assert lab.machines[run(ImageId=image_id)].spec.image_id == image_id


def test_attributes_are_applied_to_own_images(lab, ec2, made, image, refused, run, instance):
    ec2.modify_image_attribute(ImageId=made, Description={"Value": "new"})
    assert image(made)["Description"] == "new"
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"UserId": "111122223333"}]})
    arn = "arn:aws:organizations::111122223333:organization/o-exampleorg"
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"OrganizationArn": arn}]})
    shared = ec2.describe_image_attribute(ImageId=made, Attribute="launchPermission")["LaunchPermissions"]
    assert shared == [{"UserId": "111122223333"}, {"OrganizationArn": arn}]
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Remove": [{"UserId": "111122223333"}]})
    shared = ec2.describe_image_attribute(ImageId=made, Attribute="launchPermission")["LaunchPermissions"]
    assert shared == [{"OrganizationArn": arn}]
    with refused("InvalidAMIAttributeItemValue"):
        ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"UserId": "1"}]})
    ec2.modify_image_attribute(ImageId=made, ImdsSupport={"Value": "v2.0"})
    assert image(made)["ImdsSupport"] == "v2.0"
    with refused("InvalidParameterValue"):
        ec2.modify_image_attribute(ImageId=made, ImdsSupport={"Value": "v1.0"})
    assert instance(run(ImageId=made))["MetadataOptions"]["HttpTokens"] == "required"
    with refused("AuthFailure", f"Not authorized for image:{lab.account.wcs_image_id}"):
        ec2.modify_image_attribute(ImageId=lab.account.wcs_image_id, Description={"Value": "mine"})


def test_deregistering_deletes_snapshots_when_asked_and_works_once(lab, ec2, made, refused, image):
    snapshots = [d["Ebs"]["SnapshotId"] for d in image(made)["BlockDeviceMappings"]]
    with refused("InvalidSnapshot.InUse", f"is currently in use by {made}"):
        ec2.delete_snapshot(SnapshotId=snapshots[0])
    reply = ec2.deregister_image(ImageId=made, DeleteAssociatedSnapshots=True)
    assert reply["DeleteSnapshotResults"] == [{"SnapshotId": s, "ReturnCode": "success"} for s in snapshots]
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert ec2.describe_images(ImageIds=[made])["Images"] == []
    assert made not in lab.machines.images
    with refused("InvalidAMIID.Unavailable", f"The image ID '{made}' is no longer available"):
        ec2.deregister_image(ImageId=made)
    with refused("InvalidAMIID.NotFound", "The image id '[ami-0123456789abcdef0]' does not exist"):
        ec2.deregister_image(ImageId="ami-0123456789abcdef0")
    with refused("InvalidSnapshot.NotFound", f"The snapshot '{snapshots[0]}' does not exist."):
        ec2.delete_snapshot(SnapshotId=snapshots[0])
    with refused("InvalidAMIID.NotFound"):
        ec2.describe_images(ImageIds=[lab.account.wcs_image_id, "ami-0123456789abcdef0"])


def test_deregistering_keeps_snapshots_otherwise_and_skips_shared_ones(lab, ec2, made, image):
    snapshot = image(made)["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    ec2.register_image(
        Name="wcs-twin", BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}]
    )
    by = [{"Name": "block-device-mapping.snapshot-id", "Values": [snapshot]}]
    assert {one["Name"] for one in ec2.describe_images(Owners=["self"], Filters=by)["Images"]} == {
        "wcs-0001",
        "wcs-twin",
    }
    results = ec2.deregister_image(ImageId=made, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"]
    assert [r["ReturnCode"] for r in results] == ["skipped", "success"]
    assert [s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]] == [snapshot]


def test_a_copy_is_pending_and_bears_tags_and_encryption_only_when_asked(lab, aws, ec2, made, refused):
    ec2.create_tags(Resources=[made], Tags=[{"Key": "stack", "Value": "wcs"}])
    far = aws("ec2", "eu-west-1")
    asked = {"SourceImageId": made, "SourceRegion": "us-east-1", "Name": "wcs-0001"}
    plain = far.copy_image(**asked)["ImageId"]
    got = far.describe_images(ImageIds=[plain])["Images"][0]
    assert (got["State"], got.get("Tags", []), got["SourceImageId"]) == ("pending", [], made)
    assert got["SourceImageRegion"] == "us-east-1"
    with refused("InvalidAMIName.Duplicate"):
        far.copy_image(**asked)
    lab.run(lab.delays.image_copy)
    assert far.describe_images(ImageIds=[plain])["Images"][0]["State"] == "available"
    asked["Name"] = "wcs-0002"
    full = far.copy_image(**asked, CopyImageTags=True, Encrypted=True, ClientToken="t")["ImageId"]
    assert far.copy_image(**asked, CopyImageTags=True, Encrypted=True, ClientToken="t")["ImageId"] == full
    got = far.describe_images(ImageIds=[full])["Images"][0]
    assert got["Tags"] == [{"Key": "stack", "Value": "wcs"}]
    assert {d["Ebs"]["Encrypted"] for d in got["BlockDeviceMappings"]} == {True}
    with refused("InvalidAMIID.NotFound"):
        far.copy_image(SourceImageId="ami-0123456789abcdef0", SourceRegion="us-east-1", Name="wcs-0003")


def test_references_see_instances_and_the_ten_newest_template_versions(lab, ec2, made, run):
    user = run(ImageId=made)
    ec2.create_launch_template(LaunchTemplateName="old", LaunchTemplateData={"ImageId": made})
    for _ in range(10):
        ec2.create_launch_template_version(
            LaunchTemplateName="old", LaunchTemplateData={"ImageId": lab.account.wcs_image_id}
        )
    template = ec2.create_launch_template(LaunchTemplateName="new", LaunchTemplateData={"ImageId": made})
    found = ec2.describe_image_references(ImageIds=[made], IncludeAllResourceTypes=True)["ImageReferences"]
    assert [(r["ResourceType"], r["Arn"].split("/")[1]) for r in found] == [
        ("ec2:Instance", user),
        ("ec2:LaunchTemplate", template["LaunchTemplate"]["LaunchTemplateId"]),
    ]
    deeper = ec2.describe_image_references(
        ImageIds=[made],
        ResourceTypes=[
            {
                "ResourceType": "ec2:LaunchTemplate",
                "ResourceTypeOptions": [{"OptionName": "version-depth", "OptionValues": ["20"]}],
            }
        ],
    )
    assert len(deeper["ImageReferences"]) == 2


REGISTERED = {
    "Architecture": "arm64",
    "BootMode": "uefi",
    "EnaSupport": True,
    "ImdsSupport": "v2.0",
    "SriovNetSupport": "simple",
    "TpmSupport": "v2.0",
    "VirtualizationType": "hvm",
}


@pytest.fixture
def registered(ec2):
    volume = ec2.create_volume(Size=3, AvailabilityZone="us-east-1a")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    devices = [{"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": snapshot}}]
    given = {**REGISTERED, "RootDeviceName": "/dev/sda1", "UefiData": "AMZNVUVG"}
    return ec2.register_image(Name="wcs-registered", BlockDeviceMappings=devices, **given)["ImageId"]


def test_g13_a_registered_image_is_as_it_was_registered(image, registered):
    shown = image(registered)
    assert {name: shown[name] for name in REGISTERED} == REGISTERED
    [device] = shown["BlockDeviceMappings"]
    assert (device["Ebs"]["VolumeSize"], device["Ebs"]["DeleteOnTermination"]) == (3, True)
    assert shown["ImageLocation"] == "123456789012/wcs-registered"
    assert (shown["PlatformDetails"], shown["UsageOperation"]) == ("Linux/UNIX", "RunInstances")


def test_g13_an_image_is_registered_of_what_exists(ec2, refused):
    devices = [{"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": "snap-0123456789abcdef0"}}]
    with refused("InvalidSnapshot.NotFound"):
        ec2.register_image(Name="wcs-registered", BlockDeviceMappings=devices)
    assert ec2.describe_images(Owners=["self"])["Images"] == []


ATTRIBUTES = {
    "bootMode": ("BootMode", {"Value": "uefi"}),
    "deregistrationProtection": ("DeregistrationProtection", {"Value": "disabled"}),
    "description": ("Description", {"Value": ""}),
    "imdsSupport": ("ImdsSupport", {"Value": "v2.0"}),
    "kernel": ("KernelId", {}),
    "lastLaunchedTime": ("LastLaunchedTime", {}),
    "launchPermission": ("LaunchPermissions", []),
    "productCodes": ("ProductCodes", []),
    "ramdisk": ("RamdiskId", {}),
    "sriovNetSupport": ("SriovNetSupport", {"Value": "simple"}),
    "tpmSupport": ("TpmSupport", {"Value": "v2.0"}),
    "uefiData": ("UefiData", {"Value": "AMZNVUVG"}),
}


def test_g13_every_attribute_of_an_image_is_answered(ec2, registered, refused):
    shape = ec2.meta.service_model.operation_model("DescribeImageAttribute").input_shape.members["Attribute"]
    assert set(shape.enum) == {*ATTRIBUTES, "blockDeviceMapping"}
    for name, (member, value) in ATTRIBUTES.items():
        assert ec2.describe_image_attribute(ImageId=registered, Attribute=name).get(member, {}) == value, name
    with refused("AuthFailure"):
        ec2.describe_image_attribute(ImageId=registered, Attribute="blockDeviceMapping")


def test_g13_launch_permissions_are_reset_and_an_image_is_protected(ec2, image, registered, refused):
    ec2.modify_image_attribute(ImageId=registered, LaunchPermission={"Add": [{"UserId": "210987654321"}]})
    ec2.reset_image_attribute(ImageId=registered, Attribute="launchPermission")
    assert ec2.describe_image_attribute(ImageId=registered, Attribute="launchPermission")["LaunchPermissions"] == []
    ec2.enable_image_deregistration_protection(ImageId=registered)
    assert image(registered)["DeregistrationProtection"] == "enabled-without-cooldown"
    with refused("OperationNotPermitted"):
        ec2.deregister_image(ImageId=registered)
    ec2.disable_image_deregistration_protection(ImageId=registered)
    ec2.deregister_image(ImageId=registered)


def test_g13_when_an_image_was_last_launched_is_known_a_day_later(lab, ec2, run):
    i = run()
    made = ec2.create_image(InstanceId=i, Name="wcs-1")["ImageId"]
    lab.run(60)
    run(ImageId=made)
    lab.run(86400, step=3600)
    shown = ec2.describe_image_attribute(ImageId=made, Attribute="lastLaunchedTime")
    assert shown["LastLaunchedTime"]["Value"].startswith("2026-01-01T00:01")


def test_g13_an_image_is_deprecated_from_a_time_on(ec2, image, registered):
    ec2.enable_image_deprecation(ImageId=registered, DeprecateAt="2031-01-01T00:00:00Z")
    assert image(registered)["DeprecationTime"] == "2031-01-01T00:00:00.000Z"
    ec2.disable_image_deprecation(ImageId=registered)
    assert "DeprecationTime" not in image(registered)
