from __future__ import annotations

import base64

import pytest

DATA = {
    "InstanceType": "c5.large",
    "Monitoring": {"Enabled": True},
    "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
    "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3"}}],
    "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": ["sg-1"]}],
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
    "UserData": base64.b64encode(b"#!/bin/sh").decode(),
}


def versions(ec2, **options):
    return ec2.describe_launch_template_versions(**options)["LaunchTemplateVersions"]


def test_all_data_is_kept_and_the_templates_own_tags_stay_out_of_it(ec2):
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "stack", "Value": "wcs"}]}]
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA, TagSpecifications=tags)
    [version] = versions(ec2, LaunchTemplateName="wcs")
    assert version["LaunchTemplateData"] == DATA
    [template] = ec2.describe_launch_templates()["LaunchTemplates"]
    assert template["Tags"] == tags[0]["Tags"]
    ec2.create_tags(Resources=[template["LaunchTemplateId"]], Tags=[{"Key": "later", "Value": "1"}])
    [template] = ec2.describe_launch_templates(Filters=[{"Name": "tag:later", "Values": ["1"]}])["LaunchTemplates"]
    assert {t["Key"] for t in template["Tags"]} == {"stack", "later"}


def test_numbers_are_never_used_again(ec2):
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA)
    for kind in ("m5.large", "m5.xlarge"):
        ec2.create_launch_template_version(LaunchTemplateName="wcs", LaunchTemplateData={"InstanceType": kind})
    reply = ec2.delete_launch_template_versions(LaunchTemplateName="wcs", Versions=["1", "3", "9"])
    assert [v["VersionNumber"] for v in reply["SuccessfullyDeletedLaunchTemplateVersions"]] == [3]
    failed = reply["UnsuccessfullyDeletedLaunchTemplateVersions"]
    assert [(v["VersionNumber"], v["ResponseError"]["Code"]) for v in failed] == [
        (1, "unexpectedError"),
        (9, "launchTemplateVersionDoesNotExist"),
    ]
    made = ec2.create_launch_template_version(LaunchTemplateName="wcs", LaunchTemplateData={"InstanceType": "m5.large"})
    assert made["LaunchTemplateVersion"]["VersionNumber"] == 4
    assert [v["VersionNumber"] for v in versions(ec2, LaunchTemplateName="wcs")] == [4, 2, 1]
    changed = ec2.modify_launch_template(LaunchTemplateName="wcs", DefaultVersion="4")["LaunchTemplate"]
    assert (changed["DefaultVersionNumber"], changed["LatestVersionNumber"]) == (4, 4)
    assert versions(ec2, Versions=["$Default"])[0]["VersionNumber"] == 4


def test_a_source_version_is_merged_and_nothing_is_otherwise(ec2):
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA)
    asked = {"LaunchTemplateName": "wcs", "LaunchTemplateData": {"InstanceType": "m5.large"}}
    bare = ec2.create_launch_template_version(**asked)["LaunchTemplateVersion"]["LaunchTemplateData"]
    assert bare == {"InstanceType": "m5.large"}
    merged = ec2.create_launch_template_version(**asked, SourceVersion="1")["LaunchTemplateVersion"]
    assert merged["LaunchTemplateData"]["InstanceType"] == "m5.large"
    assert merged["LaunchTemplateData"]["Monitoring"] == {"Enabled": True}


def test_client_tokens_and_names(ec2, refused):
    asked = {"LaunchTemplateName": "wcs", "LaunchTemplateData": DATA, "ClientToken": "t"}
    first = ec2.create_launch_template(**asked)["LaunchTemplate"]["LaunchTemplateId"]
    assert ec2.create_launch_template(**asked)["LaunchTemplate"]["LaunchTemplateId"] == first
    with refused("IdempotentParameterMismatch"):
        ec2.create_launch_template(**{**asked, "LaunchTemplateName": "other"})
    with refused("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use."):
        ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA)
    with refused("InvalidLaunchTemplateName.MalformedException"):
        ec2.create_launch_template(LaunchTemplateName="w+s", LaunchTemplateData=DATA)
    again = {"LaunchTemplateName": "wcs", "LaunchTemplateData": DATA, "ClientToken": "v"}
    for _ in range(2):
        made = ec2.create_launch_template_version(**again)["LaunchTemplateVersion"]["VersionNumber"]
        assert made == 2
    assert len(versions(ec2, LaunchTemplateName="wcs")) == 2


MISSING = [
    ({"LaunchTemplateName": "nope"}, "InvalidLaunchTemplateName.NotFoundException"),
    ({"LaunchTemplateId": "lt-0123456789abcdef0"}, "InvalidLaunchTemplateId.NotFound"),
    ({"LaunchTemplateName": "wcs", "Versions": ["7"]}, "InvalidLaunchTemplateId.VersionNotFound"),
    ({}, "MissingParameter"),
]


@pytest.mark.parametrize(("asked", "code"), MISSING)
def test_what_is_not_there_has_its_own_code(ec2, refused, asked, code):
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA)
    with refused(code):
        versions(ec2, **asked)


def test_templates_are_paged_found_and_deleted(ec2, refused):
    for number in range(20):
        ec2.create_launch_template(LaunchTemplateName=f"wcs-{number:02}", LaunchTemplateData=DATA)
    assert len(ec2.describe_launch_templates()["LaunchTemplates"]) == 20
    page = ec2.describe_launch_templates(MaxResults=15)
    rest = ec2.describe_launch_templates(MaxResults=15, NextToken=page["NextToken"])
    assert (len(rest["LaunchTemplates"]), rest.get("NextToken")) == (5, None)
    gone = ec2.delete_launch_template(LaunchTemplateName="wcs-00")["LaunchTemplate"]
    assert gone["LaunchTemplateName"] == "wcs-00"
    with refused("InvalidLaunchTemplateName.NotFoundException"):
        ec2.describe_launch_templates(LaunchTemplateNames=["wcs-00"])
    with refused("InvalidLaunchTemplateId.NotFound"):
        ec2.describe_launch_templates(LaunchTemplateIds=[gone["LaunchTemplateId"]])


def test_g4_a_version_of_no_data_is_like_its_source(ec2):
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA)
    asked = {"LaunchTemplateName": "wcs", "LaunchTemplateData": {}}
    ec2.create_launch_template_version(**asked, SourceVersion="1")
    ec2.create_launch_template(LaunchTemplateName="bare", LaunchTemplateData={})
    assert [v["LaunchTemplateData"] for v in versions(ec2, LaunchTemplateName="wcs")] == [DATA, DATA]
    assert [v["LaunchTemplateData"] for v in versions(ec2, LaunchTemplateName="bare")] == [{}]


def test_g5_a_versions_metadata_options_have_no_state(ec2):
    ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA)
    [version] = versions(ec2, LaunchTemplateName="wcs")
    assert "State" not in version["LaunchTemplateData"]["MetadataOptions"]


def test_g12_a_template_without_tags_tells_none(ec2):
    made = ec2.create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=DATA)["LaunchTemplate"]
    assert "Tags" not in made
    assert "Tags" not in ec2.describe_launch_templates()["LaunchTemplates"][0]
