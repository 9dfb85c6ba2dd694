"""What goes wrong at one thing stays there: the engines go on for all others, whatever is removed under them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.core import backends as state
from lab.core.lab import Lab
from tests.faults.chosen import ALL
from tests.support.lab_groups import Fleet

SEEDS, TICKS = 8, 125


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("broken on purpose")


def troubled(lab: Lab) -> set[str]:
    """What the lab noted as its defects, each by what it was doing; forgotten here."""
    found = {error.splitlines()[0] for error in lab.errors}
    lab.errors.clear()
    return found


@pytest.fixture
def two(fleet: Fleet) -> Fleet:
    """Two groups, each behind a balancer of its own, and an alarm."""
    for name in ("wcs", "spare"):
        fleet.balancer(name)
        fleet.group(desired=2, name=name, LoadBalancerNames=[name])
    fleet.aws("cloudwatch").put_metric_alarm(
        AlarmName="busy",
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Statistic="Average",
        Dimensions=[{"Name": "AutoScalingGroupName", "Value": "spare"}],
        ComparisonOperator="GreaterThanThreshold",
        Threshold=50,
        Period=300,
        EvaluationPeriods=1,
    )
    return fleet


def test_g19_a_group_without_its_template_fails_by_itself(two):
    made = two.template("gone", KeyName=two.lab.account.key_name)
    two.group(desired=1, name="lost", LaunchTemplate={"LaunchTemplateId": made})
    two.aws("ec2").delete_launch_template(LaunchTemplateId=made)
    for name in ("lost", "wcs"):
        two.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
    two.lab.run(60)
    failed = two.activities("lost")[0]
    assert failed["StatusCode"] == "Failed"
    assert failed["StatusMessage"] == (
        f"The specified launch template, with template ID {made}, does not exist. Launching EC2 instance failed."
    )
    assert (len(two.ids("lost")), len(two.ids("wcs"))) == (1, 3)


def test_g19_a_group_without_its_subnets_fails_by_itself(two):
    ec2, account = two.aws("ec2"), two.lab.account
    made = ec2.create_subnet(VpcId=account.vpc_id, CidrBlock=f"{two.lab.block}.9.0/24")["Subnet"]["SubnetId"]
    two.group(desired=0, name="lost", VPCZoneIdentifier=made)
    ec2.delete_subnet(SubnetId=made)
    for name in ("lost", "wcs"):
        two.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
    two.lab.run(60)
    wanted = f"The subnet ID '{made}' does not exist. Launching EC2 instance failed."
    assert two.activities("lost")[0]["StatusMessage"] == wanted
    assert (two.ids("lost"), len(two.ids("wcs"))) == ([], 3)


def test_a_defect_at_one_group_stops_no_other(two, monkeypatch):
    def only_wcs(scene: Any, group: Any) -> None:
        if group.name == "wcs":
            broken()
        look(scene, group)

    from lab.autoscaling import replacing

    look = replacing.look
    monkeypatch.setattr(replacing, "look", only_wcs)
    for name in ("wcs", "spare"):
        two.asg.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
    two.lab.run(60)
    assert (len(two.ids("wcs")), len(two.ids("spare"))) == (2, 3)
    assert troubled(two.lab) == {"group wcs"}


def test_a_defect_at_one_balancer_stops_no_other(two, monkeypatch):
    check = two.lab.machines.check
    sick, well = two.ids("wcs")[0], two.ids("spare")[0]
    two.lab.machines[well].health = two.lab.machines[well].health.__class__(False, 500)
    monkeypatch.setattr(
        two.lab.machines, "check", lambda instance, *rest: broken() if instance == sick else check(instance, *rest)
    )
    two.lab.run(15)
    assert two.health("wcs")[sick] == "InService"  # what it was
    assert two.health("spare")[well] == "OutOfService"
    assert troubled(two.lab) == {f"health check of {sick} by wcs"}


def test_a_defect_at_one_alarm_or_machine_stops_no_other(two, monkeypatch):
    cloudwatch, cpu = two.aws("cloudwatch"), two.lab.machines.cpu
    two.load(90)
    sick = two.ids("wcs")[0]
    monkeypatch.setattr(two.lab.machines, "cpu", lambda instance: broken() if instance == sick else cpu(instance))
    broken_alarm = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "ComparisonOperator": "LessThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName="a", **broken_alarm, Threshold=1, Period=60, EvaluationPeriods=1)
    state.backend("cloudwatch", "us-east-1").alarms["a"].given["Threshold"] = "broken"
    two.lab.run(600)
    assert troubled(two.lab) == {"alarm a", f"load of {sick}"}
    states = {
        alarm["AlarmName"]: alarm["StateValue"]
        for alarm in cloudwatch.describe_alarms(AlarmNames=["busy"])["MetricAlarms"]
    }
    assert states["busy"] == "ALARM"


def test_a_defect_of_what_was_to_happen_stops_nothing_else(two):
    done: list[int] = []
    two.lab.later(1, broken)
    two.lab.later(1, lambda: done.append(1), ready=broken)
    two.lab.later(2, lambda: done.append(2))
    two.lab.run(5)
    assert done == [2]
    assert troubled(two.lab) == {"agenda"}


@pytest.mark.parametrize("number", range(4))
def test_a_defect_of_a_whole_engine_stops_no_other(two, monkeypatch, number):
    engine = two.lab.engines[number]
    monkeypatch.setattr(engine, "tick", broken)
    ticked = []
    for other in two.lab.engines:
        if other is not engine:
            monkeypatch.setattr(other, "tick", lambda _now, other=other: ticked.append(other))
    two.lab.tick()
    assert ticked == [other for other in two.lab.engines if other is not engine]
    assert troubled(two.lab) == {f"tick of {type(engine).__name__}"}


class Chaos:
    """Removes and changes things at random, by the API and under it."""

    def __init__(self, fleet: Fleet, rng: random.Random) -> None:
        self.fleet, self.rng, self.made = fleet, rng, 0
        self.ec2, self.asg, self.elb = fleet.aws("ec2"), fleet.asg, fleet.aws("elb")
        self.cloudwatch = fleet.aws("cloudwatch")
        self.held = {service: state.backend(service, "us-east-1") for service in ("ec2", "elb", "cloudwatch")}

    def live(self) -> None:
        """Makes what there is too little of."""
        while len(self.held["elb"].load_balancers) < 2:
            self.fleet.balancer(self.name(), draining=self.rng.choice((0, 60)))
        while len(self.groups()) < 3:
            self.group()

    def name(self) -> str:
        self.made += 1
        return f"name{self.made}"

    def groups(self) -> list[str]:
        return [g["AutoScalingGroupName"] for g in self.asg.describe_auto_scaling_groups()["AutoScalingGroups"]]

    def group(self) -> None:
        name = self.name()
        key, image = self.ec2.create_key_pair(KeyName=name), self.fleet.lab.account.wcs_image_id
        firewall = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.fleet.lab.account.vpc_id)
        self.fleet.template(name, ImageId=image, KeyName=key["KeyName"], SecurityGroupIds=[firewall["GroupId"]])
        block, vpc = f"{self.fleet.lab.block}.{20 + self.made}.0/24", self.fleet.lab.account.vpc_id
        made = self.ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
        subnets = self.rng.choice(([made], [made, self.fleet.lab.account.subnet_ids[1]]))
        self.fleet.group(
            desired=self.rng.randrange(4),
            run=0,
            name=name,
            VPCZoneIdentifier=",".join(subnets),
            LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
            LoadBalancerNames=self.rng.sample(list(self.held["elb"].load_balancers), 1),
            HealthCheckType="ELB",
            HealthCheckGracePeriod=30,
        )
        policy = self.asg.put_scaling_policy(
            AutoScalingGroupName=name,
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "TargetValue": 50,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            },
        )
        self.cloudwatch.set_alarm_state(
            AlarmName=policy["Alarms"][0]["AlarmName"], StateValue="ALARM", StateReason="chaos"
        )
        self.asg.put_lifecycle_hook(
            AutoScalingGroupName=name,
            LifecycleHookName="leave",
            LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
            HeartbeatTimeout=30,
        )

    def one(self, things: Any) -> Any:
        return self.rng.choice(list(things))

    def deeds(self) -> dict[str, Callable[[], Any]]:
        """What may happen; IndexError where there is nothing to do it to."""
        ec2, elb = self.held["ec2"], self.held["elb"]
        instances = [i.id for r in ec2.reservations.values() for i in r.instances]

        def forget(store: Callable[[], dict[str, Any]]) -> Callable[[], Any]:
            return lambda: store().pop(self.one(store()))

        def vanish() -> None:
            reservation = self.one(ec2.reservations.values())
            reservation.instances.remove(self.one(reservation.instances))

        return {
            "terminate": lambda: self.ec2.terminate_instances(InstanceIds=[self.one(instances)]),
            "stop": lambda: self.ec2.stop_instances(InstanceIds=[self.one(instances)]),
            "image": lambda: self.ec2.create_image(InstanceId=self.one(instances), Name=self.name()),
            "no instance": vanish,
            "no machine": lambda: self.fleet.lab.machines.machines.pop(self.one(instances), None),
            "no template": lambda: self.ec2.delete_launch_template(LaunchTemplateId=self.one(ec2.launch_templates)),
            "no image": lambda: self.ec2.deregister_image(
                ImageId=self.one(i for i in ec2.amis if i != self.fleet.lab.account.wcs_image_id)
            ),
            "no balancer": lambda: self.elb.delete_load_balancer(LoadBalancerName=self.one(elb.load_balancers)),
            "no group": lambda: self.asg.delete_auto_scaling_group(
                AutoScalingGroupName=self.one(self.groups()), ForceDelete=True
            ),
            "no alarm": lambda: self.cloudwatch.delete_alarms(AlarmNames=[self.one(self.held["cloudwatch"].alarms)]),
            "no policy": lambda: self.asg.delete_policy(AutoScalingGroupName=self.one(self.groups()), PolicyName="cpu"),
            "no hook": lambda: self.asg.delete_lifecycle_hook(
                AutoScalingGroupName=self.one(self.groups()), LifecycleHookName="leave"
            ),
            "resize": lambda: self.asg.set_desired_capacity(
                AutoScalingGroupName=self.one(self.groups()), DesiredCapacity=self.rng.randrange(6)
            ),
            "load": lambda: self.fleet.load(self.rng.randrange(100)),
            "key lost": forget(lambda: ec2.key_pairs),
            "subnet lost": self.lose_subnet,
            "no volume": self.delete_volume,
            "no interface": lambda: self.ec2.delete_network_interface(NetworkInterfaceId=self.one(ec2.enis)),
            "no firewall": lambda: self.ec2.delete_security_group(GroupId=self.one(self.one(ec2.groups.values()))),
            "template lost": forget(lambda: ec2.launch_templates),
            "snapshot lost": forget(lambda: ec2.snapshots),
            "image lost": lambda: ec2.amis.pop(
                self.one(i for i in ec2.amis if i != self.fleet.lab.account.wcs_image_id)
            ),
            "balancer lost": forget(lambda: elb.load_balancers),
            "metrics lost": lambda: self.held["cloudwatch"].__dict__.pop("lab_metrics", None),
            "machine mute": lambda: setattr(self.one(self.fleet.lab.machines.machines.values()), "state", "stopped"),
        }

    def lose_subnet(self) -> None:
        """A subnet is gone though instances are in it."""
        subnets, kept = self.held["ec2"].subnets, self.fleet.lab.account.subnet_ids
        zone, subnet = self.one((zone, s) for zone, found in subnets.items() for s in found if s not in kept)
        subnets[zone].pop(subnet)

    def delete_volume(self) -> None:
        """A volume is taken off its instance, and away."""
        volume = self.one(v for v in self.held["ec2"].volumes.values() if v.attachment)
        attached = {"InstanceId": volume.attachment.instance.id, "Device": volume.attachment.device}
        self.ec2.detach_volume(VolumeId=volume.id, **attached)
        self.ec2.delete_volume(VolumeId=volume.id)

    def strike(self) -> str:
        """Does one of them; its name."""
        name, action = self.one(self.deeds().items())
        try:
            action()
        except (IndexError, KeyError):
            return f"{name} (nothing there)"
        except ClientError:
            return f"{name} (refused)"
        return name


@pytest.mark.parametrize("seed", range(SEEDS if ALL else 2))
def test_no_engine_stops_whatever_is_removed_under_it(fleet, seed):
    """1,000 ticks in all, before each of which something is removed or changed."""
    chaos, struck = Chaos(fleet, random.Random(seed)), []
    for _ in range(TICKS):
        chaos.live()
        struck.append(chaos.strike())
        fleet.lab.run(chaos.rng.choice((1, 5, 30)), step=30)
        assert fleet.lab.errors == [], struck[-10:]
    fleet.lab.launch_failures.clear()
    chaos.group()
    fleet.lab.run(90)
    assert fleet.desired(f"name{chaos.made}") == 0 or fleet.states(f"name{chaos.made}"), "groups still launch"
