# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab looks like now: the data of `lab status`, and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..autoscaling.groups import every_group
from ..cloudwatch.alarms import alarms
from ..core import backends as state
from ..core.lab import Lab
from ..elb.balancers import every_balancer
from ..elb.engine import standing
from ..elb.health import State

Row = Mapping[str, Any]

COLUMNS: dict[str, tuple[str, ...]] = {
    "balancers": ("name", "address", "listeners", "check", "instances"),
    "groups": ("name", "min", "desired", "max", "members"),
    "instances": ("instance", "state", "name", "zone", "private", "public", "image", "group", "balancers"),
    "images": ("image", "state", "name"),
    "alarms": ("name", "state"),
}


def status(lab: Lab) -> dict[str, Any]:
    """Balancers, groups, instances, own images and alarms of every Region that was used, as plain data."""
    with lab.lock:
        regions = sorted({backend.region_name for backend in state.existing("ec2")})
        return {
            "time": lab.clock.stamp().isoformat(timespec="seconds"),
            "calls": lab.calls.last,
            "errors": [*lab.errors, *lab.unasked],
            "balancers": [_balancer(balancer) for balancer in every_balancer()],
            "groups": [_group(group) for group in every_group()],
            "instances": [_instance(lab, i) for region in regions for i in state.instances(region).values()],
            "images": [_image(image) for region in regions for image in _own_images(region)],
            "alarms": [
                {"name": name, "state": alarm.value, "region": region}
                for region in regions
                for name, alarm in alarms(region).items()
            ],
        }


def tables(shown: Mapping[str, Sequence[Row]]) -> str:
    """The same as tables to read; what there is none of is one line."""
    return "\n\n".join(_table(title, shown.get(title, ()), columns) for title, columns in COLUMNS.items())


def _balancer(balancer: Any) -> dict[str, Any]:
    return {
        "name": balancer.name,
        "region": balancer.region,
        "address": balancer.dns_name,
        "listeners": [f"{x.protocol} {x.port}->{x.instance_port}" for x in balancer.listeners.values()],
        "check": balancer.check.target,
        "instances": len(balancer.targets),
    }


def _group(group: Any) -> dict[str, Any]:
    return {
        "name": group.name,
        "region": group.region,
        "min": group.settings["MinSize"],
        "desired": group.settings["DesiredCapacity"],
        "max": group.settings["MaxSize"],
        "members": [f"{m.lifecycle}{'' if m.health == 'Healthy' else ' ' + m.health}" for m in group.members.values()],
    }


def _instance(lab: Lab, instance: Any) -> dict[str, Any]:
    group = next((g.name for g in every_group() if instance.id in g.members), "")
    zone, now = str(instance.availability_zone), lab.clock.now()
    registered = [
        f"{balancer.name}: {_word(standing(balancer, instance.id, instance.state, zone, now))}"
        for balancer in every_balancer()
        if instance.id in balancer.targets or instance.id in balancer.leaving
    ]
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    return {
        "instance": instance.id,
        "state": instance.state,
        "name": tags.get("Name", ""),
        "zone": zone,
        "private": instance.private_ip_address or "",
        "public": instance.public_ip_address or "",
        "type": instance.instance_type,
        "image": instance.image_id,
        "group": group,
        "balancers": registered,
    }


def _word(seen: State) -> str:
    return "draining" if seen.state == "InService" and not seen.in_service else seen.state


def _own_images(region: str) -> list[Any]:
    ec2 = state.backend("ec2", region)
    return [image for image in ec2.amis.values() if image.owner_id == ec2.account_id]


def _image(image: Any) -> dict[str, Any]:
    return {
        "image": image.id,
        "region": image.ec2_backend.region_name,
        "state": image.state,
        "name": image.name,
    }


def _table(title: str, rows: Sequence[Row], columns: Sequence[str]) -> str:
    if not rows:
        return f"{title}: none"
    cells = [[column.upper() for column in columns], *([_cell(row.get(c)) for c in columns] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    lines = ["  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([f"{title}:", *(f"  {line}" for line in lines)])


def _cell(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
