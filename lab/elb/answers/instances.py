# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances behind a Classic Load Balancer: registered, deregistered, their health."""

from __future__ import annotations

from typing import Any

from moto.elb.responses import ELBResponse

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.errors import Refused
from ..balancers import Balancer, find
from ..engine import standing

GONE = ("shutting-down", "terminated")


@answers("Registering twice is once; the reply lists all; an unknown or terminated one: InvalidInstance.", ELBResponse)
def register_instances_with_load_balancer(ask: Ask) -> dict[str, Any]:
    """{Instances}: every registered instance."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    ids = [given["InstanceId"] for given in ask["Instances"]]
    known = state.instances(ask.region)
    for instance_id in ids:
        if instance_id not in known or known[instance_id].state in GONE:
            raise _unknown(instance_id)
        if known[instance_id].vpc_id != balancer.vpc_id:
            raise Refused("InvalidInstance", f"EC2 instance {instance_id} is not in the same VPC as ELB.")
    for instance_id in ids:
        balancer.register(instance_id, ask.now + ask.lab.delays.elb_registration)
    return _registered(balancer)


@answers("Deregistering again is accepted, one that never was registered is refused and nothing done.", ELBResponse)
def deregister_instances_from_load_balancer(ask: Ask) -> dict[str, Any]:
    """{Instances}: those that stay."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    ids = [given["InstanceId"] for given in ask["Instances"]]
    for instance_id in ids:
        if instance_id not in balancer.once:
            raise _unknown(instance_id)
    for instance_id in ids:
        balancer.deregister(instance_id, ask.now)
    return _registered(balancer)


@answers("Health is what the checks found; without ids only the registered, by id also those that left.", ELBResponse)
def describe_instance_health(ask: Ask) -> dict[str, Any]:
    """{InstanceStates}; terminated instances are left out."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    known = state.instances(ask.region)
    ids = [given["InstanceId"] for given in ask.get("Instances", [])]
    for instance_id in ids:
        if instance_id not in balancer.once:
            raise _unknown(instance_id)
    rows = []
    for instance_id in ids or balancer.targets:
        machine = known[instance_id].state if instance_id in known else "terminated"
        if machine in GONE:
            continue
        row = standing(balancer, instance_id, machine, known[instance_id].placement.zone, ask.now)
        rows.append(
            {
                "InstanceId": instance_id,
                "State": row.state,
                "ReasonCode": row.reason,
                "Description": row.description,
            }
        )
    return {"InstanceStates": rows}


def _registered(balancer: Balancer) -> dict[str, Any]:
    return {"Instances": [{"InstanceId": instance_id} for instance_id in balancer.targets]}


def _unknown(instance_id: str) -> Refused:
    return Refused("InvalidInstance", f"Could not find EC2 instance {instance_id}.")
