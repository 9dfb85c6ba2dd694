"""What fault cases of security groups are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.modules import wcs_security_groups
from tests.faults.sites import Scenario, World

NAMES = ("wcs-balancer", "wcs-node")
WANTED: dict[str, Any] = {
    "stack": "wcs",
    "groups": [
        {"name": NAMES[0], "rules": [{"ports": [443], "cidrs": ["0.0.0.0/0"], "description": "Sessions"}]},
        {
            "name": NAMES[1],
            "rules": [
                {"ports": [8080, 8081], "groups": [NAMES[0]], "description": "Balancer"},
                {"proto": "udp", "from_port": 1, "cidrs": ["::/0"]},
            ],
            "egress": [{"proto": "all", "cidrs": ["203.0.113.0/24"]}],
        },
    ],
    "tags": {"Team": "video"},
    "vpc_id": "{vpc}",
}


def homed(world: World) -> dict[str, str]:
    """The VPC."""
    return {"vpc": world.lab.account.vpc_id}


def opened(world: World) -> dict[str, str]:
    """Two groups whose rules name each other."""
    names = homed(world)
    mutual = [
        {"name": name, "rules": [{"from_port": 8080, "groups": [other], "description": "old"}]}
        for name, other in (NAMES, NAMES[::-1])
    ]
    world.bench(wcs_security_groups).run(groups=mutual, stack="wcs", vpc_id=names["vpc"], tags={"Team": "audio"})
    return names


def without_security_groups(world: World, names: Mapping[str, str]) -> None:
    """Removes the groups; nothing of them may be left."""
    groups = [{"name": name} for name in NAMES]
    for _ in range(2):
        world.bench(wcs_security_groups).run(groups=groups, stack="wcs", state="absent", vpc_id=names["vpc"])
    filters = [{"Name": "group-name", "Values": list(NAMES)}]
    assert world.aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"] == []


ABSENT = {"stack": "wcs", "groups": [{"name": name} for name in NAMES], "state": "absent", "vpc_id": "{vpc}"}
SECURITY_GROUPS = (
    Scenario("security groups made", wcs_security_groups, WANTED, homed, without_security_groups),
    Scenario("security groups changed", wcs_security_groups, WANTED, opened, without_security_groups),
    Scenario("security groups removed", wcs_security_groups, ABSENT, opened, without_security_groups),
)
