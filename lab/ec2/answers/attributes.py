# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is changed of an instance that is there: attributes, metadata options, credits."""

from __future__ import annotations

from typing import Any

from moto.core.responses import EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.corrections import correction
from ...core.errors import Refused

NEED_STOP = ("InstanceType", "Kernel", "Ramdisk", "UserData", "EbsOptimized")
KEPT = ("InstanceInitiatedShutdownBehavior", "Ramdisk", "SriovNetSupport", "EnaSupport")  # as moto does with others
METADATA = (
    "HttpTokens",
    "HttpPutResponseHopLimit",
    "HttpEndpoint",
    "HttpProtocolIpv6",
    "InstanceMetadataTags",
)
Instance.VALID_ATTRIBUTES = {*Instance.VALID_ATTRIBUTES, "enaSupport", "enclaveOptions"}
Instance.ena_support = True


@answers("ModifyInstanceMetadataOptions keeps the options that it does not name.", EC2Response)
def modify_instance_metadata_options(ask: Ask) -> dict[str, Any]:
    """{InstanceId, InstanceMetadataOptions}: pending in this answer, applied in later ones."""
    instance = state.backend("ec2", ask.region).get_instance(ask["InstanceId"])
    options = instance.metadata_options
    for name in METADATA:
        if name in ask:
            setattr(options, camelcase_to_underscores(name), ask[name])
    shown = {name: getattr(options, camelcase_to_underscores(name)) for name in METADATA}
    return {"InstanceId": instance.id, "InstanceMetadataOptions": {"State": "pending", **shown}}


@answers(
    "CPU credits are as asked for at launch or changed later; without ids the unlimited ones are listed.",
    EC2Response,
)
def describe_instance_credit_specifications(ask: Ask) -> dict[str, Any]:
    """{InstanceCreditSpecifications}."""
    if "InstanceIds" in ask:
        found = state.backend("ec2", ask.region).get_multi_instances_by_id(ask["InstanceIds"])
    else:
        found = [one for one in state.instances(ask.region).values() if one.cpu_credits == "unlimited"]
    return {
        "InstanceCreditSpecifications": [
            {"InstanceId": instance.id, "CpuCredits": instance.cpu_credits} for instance in found
        ]
    }


@answers("CPU credits are changed instance by instance; where that was not done, the answer says so.", EC2Response)
def modify_instance_credit_specification(ask: Ask) -> dict[str, Any]:
    """{SuccessfulInstanceCreditSpecifications, UnsuccessfulInstanceCreditSpecifications}."""
    there = state.instances(ask.region)
    done, failed = [], []
    for row in ask["InstanceCreditSpecifications"]:
        instance = there.get(row["InstanceId"])
        if instance is None:
            why = {"Code": "InvalidInstanceID.NotFound", "Message": "The instance ID does not exist"}
            failed.append({"InstanceId": row["InstanceId"], "Error": why})
            continue
        instance.cpu_credits = row["CpuCredits"]
        done.append({"InstanceId": instance.id})
    return {"SuccessfulInstanceCreditSpecifications": done, "UnsuccessfulInstanceCreditSpecifications": failed}


@correction(
    "An instance must be stopped for another type, user data, kernel or EBS optimization; its groups are its first "
    "interface's.",
    EC2Response,
    "modify_instance_attribute",
)
def modify_instance_attribute(change: Any, response: Any) -> Any:
    """Nothing."""
    given = response._get_params()
    instance = state.backend("ec2", response.region).get_instance(given["InstanceId"])
    named = str(given.get("Attribute") or "")
    if instance.state != "stopped" and any(name in given or named == name[0].lower() + name[1:] for name in NEED_STOP):
        raise Refused("IncorrectInstanceState", f"The instance '{instance.id}' is not in the 'stopped' state.")
    kept = [name for name in KEPT if name in given]
    for name in kept:
        setattr(instance, camelcase_to_underscores(name), given[name]["Value"])
    return EmptyResult() if kept else change(response)


@correction(
    "A missing group is refused; the first interface has the others.",
    InstanceBackend,
    "modify_instance_security_groups",
)
def modify_instance_security_groups(change: Any, ec2: Any, instance_id: str, groups: list[str]) -> Any:
    """The instance."""
    missing = [group for group in groups if ec2.get_security_group_from_id(group) is None]
    if missing:
        raise Refused("InvalidGroup.NotFound", f"The security group '{missing[0]}' does not exist")
    instance = change(ec2, instance_id, groups)
    if instance.nics:
        instance.nics[0]._group_set = list(instance.security_groups)
    return instance


@correction("An instance that may not be stopped says so.", InstanceBackend, "stop_instances")
def stop_instances(stop: Any, ec2: Any, instance_ids: list[str]) -> Any:
    """(instance, state before) of each."""
    for instance in ec2.get_multi_instances_by_id(instance_ids):
        if str(instance.disable_api_stop).lower() == "true":
            raise Refused(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and "
                "try again.",
            )
    return stop(ec2, instance_ids)
