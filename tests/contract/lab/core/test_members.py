"""What AWS's answers may show and the lab does not make by itself can be set on a thing (G25)."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from lab.core.members import THINGS
from lab.run.cli import _parser

SET = {
    "Instance": {
        "Operator": {"Managed": True, "Principal": "eks.amazonaws.com"},
        "StateReason": {"Code": "Server.InternalError", "Message": "-"},
        "CpuOptions": {"CoreCount": 4, "ThreadsPerCore": 2},
        "UsageOperationUpdateTime": "2026-01-02T00:00:00+00:00",
    },
    "Image": {"ImageLocation": "amazon/x", "PlatformDetails": "Windows", "UsageOperation": "RunInstances:0002"},
    "Snapshot": {"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1", "SseType": "sse-kms"},
    "Group": {
        "InstanceLifecyclePolicy": {"RetentionTriggers": {"TerminateHookAbandon": "retain"}},
        "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-only"},
        "CapacityReservationSpecification": {"CapacityReservationPreference": "none"},
    },
}


@pytest.fixture
def things(lab, ec2, fleet):
    """By kind, the id of a thing and what describes it."""
    fleet.group(1)
    [member] = fleet.ids()
    made = ec2.create_image(InstanceId=member, Name="wcs-1", NoReboot=True)["ImageId"]
    image = lambda: ec2.describe_images(ImageIds=[made])["Images"][0]  # noqa: E731
    snapshot = image()["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    return {
        "Instance": (member, lambda: ec2.describe_instances()["Reservations"][0]["Instances"][0]),
        "Image": (made, image),
        "Snapshot": (snapshot, lambda: ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]),
        "Group": ("wcs", fleet.have),
    }


@pytest.mark.parametrize("kind", SET)
def test_g25_what_is_set_on_a_thing_is_shown_until_it_is_taken_back(lab, things, kind):
    thing, describe = things[kind]
    before = describe()
    lab.set(thing, **SET[kind])
    dated = {"UsageOperationUpdateTime": datetime(2026, 1, 2, tzinfo=timezone.utc)}
    want = {name: dated.get(name, value) for name, value in SET[kind].items()}
    assert describe() == {**before, **want}
    lab.set(thing, **dict.fromkeys(SET[kind]))
    assert describe() == before


def test_g25_a_member_shows_a_state_that_the_lab_does_not_bring_about(lab, aws, fleet, things):
    thing, _ = things["Instance"]
    lab.set(thing, LifecycleState="Terminating:Retained")
    assert fleet.states() == {thing: "Terminating:Retained"}
    rows = aws("autoscaling").describe_auto_scaling_instances()["AutoScalingInstances"]
    assert [row["LifecycleState"] for row in rows] == ["Terminating:Retained"]
    lab.run(60)
    assert lab.errors == []


def test_g25_filters_find_a_thing_by_what_was_set_on_it(lab, ec2, things):
    thing, _ = things["Instance"]
    asked = [{"Name": "operator.managed", "Values": ["true"]}]
    assert ec2.describe_instances(Filters=asked)["Reservations"] == []
    lab.set(thing, Operator={"Managed": True})
    assert len(ec2.describe_instances(Filters=asked)["Reservations"]) == 1


WRONG = [({"Colour": "red"}, "nothing that the lab describes has such a member"), ({"Operator": {"Shape": 1}}, "Shape")]


@pytest.mark.parametrize(("members", "words"), WRONG)
def test_g25_what_aws_has_not_cannot_be_set(lab, members, words):
    with pytest.raises(ValueError, match=words):
        lab.set("i-1", **members)


def test_g25_a_reset_forgets_what_was_set(lab):
    lab.set(lab.account.vpc_id, State="pending")
    lab.reset()
    assert lab.members._set == {}


@pytest.mark.parametrize("service", THINGS)
def test_g25_things_are_named_by_members_of_their_rows(aws, service):
    model = aws(service).meta.service_model
    for shape, names in THINGS[service].items():
        assert set(names) <= set(model.shape_for(shape).members)


def test_the_verb_takes_a_thing_and_its_members():
    given = _parser().parse_args(["set", "i-1", 'StateReason={"Code": "x"}', "EbsOptimized=true"])
    assert (given.thing, given.members) == ("i-1", ['StateReason={"Code": "x"}', "EbsOptimized=true"])
