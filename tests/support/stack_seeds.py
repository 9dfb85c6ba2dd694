"""wcs_seed on a lab, and what EC2 shows of seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.core.lab import Lab
from plugins.modules import wcs_seed
from tests.support.harness import Bench

MARKS = {"Name": "wcs-seed", "webcallserver.aws:stack": "wcs"}


def launched(
    ec2: Any, image: str, subnet: str, tags: Mapping[str, str], count: int = 1, public: bool = True
) -> list[str]:
    """The ids of instances like seeds that somebody launched with these tags."""
    given = [{"Key": key, "Value": value} for key, value in tags.items()]
    reply = ec2.run_instances(
        ImageId=image,
        InstanceType="c5.large",
        MinCount=count,
        MaxCount=count,
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": public}],
        TagSpecifications=[{"ResourceType": "instance", "Tags": given}] if given else [],
    )
    return [one["InstanceId"] for one in reply["Instances"]]


class Seeds:
    """The module on a lab, and what EC2 shows of it."""

    def __init__(self, lab: Lab, aws: Callable[..., Any]) -> None:
        self.lab, self.ec2 = lab, aws("ec2")
        self.bench = Bench(lab, aws, wcs_seed.ARGUMENTS, wcs_seed.manage)
        account = lab.account
        self.asked: dict[str, Any] = {
            "stack": "wcs",
            "image_id": account.wcs_image_id,
            "instance_type": "c5.large",
            "subnet_id": account.subnet_ids[0],
            "running": True,
        }

    def there(self, *states: str) -> list[dict[str, Any]]:
        wanted = states or ("pending", "running", "stopping", "stopped")
        filters = [{"Name": "tag:Name", "Values": ["wcs-seed"]}, {"Name": "instance-state-name", "Values": [*wanted]}]
        found = self.ec2.describe_instances(Filters=filters)["Reservations"]
        return [one for each in found for one in each["Instances"]]

    def tags(self, resource: str) -> dict[str, str]:
        filters = [{"Name": "resource-id", "Values": [resource]}]
        return {one["Key"]: one["Value"] for one in self.ec2.describe_tags(Filters=filters)["Tags"]}

    def launch(self, tags: dict[str, str] | None = None, count: int = 1) -> list[str]:
        """Instances with the tags of a seed, or others, that somebody launched."""
        account = self.lab.account
        return launched(self.ec2, account.wcs_image_id, account.subnet_ids[0], MARKS if tags is None else tags, count)
