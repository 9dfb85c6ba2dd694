"""Network interfaces: their addresses, and to what they can be attached."""

from __future__ import annotations

import pytest


@pytest.fixture
def subnet(lab):
    return lab.account.subnet_ids[0]


def made(ec2, subnet, **given):
    return ec2.create_network_interface(SubnetId=subnet, **given)["NetworkInterface"]


def addresses(ec2, interface_id):
    (found,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"]
    return [one["PrivateIpAddress"] for one in found["PrivateIpAddresses"]]


WRONG = [("10.2.2.2", "InvalidParameterValue", "Address 10.2.2.2 does not fall within the subnet's address range")]
WRONG += [("taken", "InvalidIPAddress.InUse", "is in use.")]


@pytest.mark.parametrize(("address", "code", "words"), WRONG)
def test_an_address_lies_in_the_subnet_and_is_free(ec2, run, instance, subnet, refused, address, code, words):
    """PrivateIpAddress of RunInstances and CreateNetworkInterface; error code InvalidIPAddress.InUse."""
    taken = instance(run())["PrivateIpAddress"]
    asked = taken if address == "taken" else address
    for call in (
        lambda: run(PrivateIpAddress=asked),
        lambda: made(ec2, subnet, PrivateIpAddress=asked),
        lambda: made(ec2, subnet, PrivateIpAddresses=[{"PrivateIpAddress": asked, "Primary": True}]),
    ):
        with refused(code, words):
            call()


def test_an_interface_without_a_wish_has_a_free_address(ec2, run, instance, subnet):
    """CreateNetworkInterface, PrivateIpAddress: otherwise AWS selects one of the subnet's range."""
    given = [made(ec2, subnet)["PrivateIpAddress"] for _ in range(40)] + [instance(run())["PrivateIpAddress"]]
    assert len(set(given)) == 41


def test_an_interface_is_attached_once_in_its_zone_at_a_free_place(lab, ec2, run, subnet, refused):
    """AttachNetworkInterface: same Availability Zone; error code InvalidNetworkInterface.InUse."""
    here, there = run(), run(SubnetId=lab.account.subnet_ids[1])
    first, second = (made(ec2, subnet)["NetworkInterfaceId"] for _ in "12")
    with refused("InvalidParameterCombination", "not in the same availability zone"):
        ec2.attach_network_interface(NetworkInterfaceId=first, InstanceId=there, DeviceIndex=1)
    attachment = ec2.attach_network_interface(NetworkInterfaceId=first, InstanceId=here, DeviceIndex=1)["AttachmentId"]
    with refused("InvalidNetworkInterface.InUse", f"Interface: [{first}] in use."):
        ec2.attach_network_interface(NetworkInterfaceId=first, InstanceId=here, DeviceIndex=2)
    with refused("InvalidParameterValue", "already has an interface attached at device index '1'"):
        ec2.attach_network_interface(NetworkInterfaceId=second, InstanceId=here, DeviceIndex=1)
    ec2.detach_network_interface(AttachmentId=attachment)
    ec2.attach_network_interface(NetworkInterfaceId=second, InstanceId=here, DeviceIndex=1)


def test_an_address_moves_only_where_that_is_allowed(ec2, subnet, refused):
    """AssignPrivateIpAddresses, AllowReassignment; its answer has the addresses that were assigned."""
    mine, other = (made(ec2, subnet)["NetworkInterfaceId"] for _ in "12")
    shown = ec2.assign_private_ip_addresses(NetworkInterfaceId=mine, SecondaryPrivateIpAddressCount=2)
    new = [one["PrivateIpAddress"] for one in shown["AssignedPrivateIpAddresses"]]
    assert addresses(ec2, mine)[1:] == new
    with refused("InvalidParameterValue", "move is not allowed"):
        ec2.assign_private_ip_addresses(NetworkInterfaceId=other, PrivateIpAddresses=new[:1])
    ec2.assign_private_ip_addresses(NetworkInterfaceId=other, PrivateIpAddresses=new[:1], AllowReassignment=True)
    assert (addresses(ec2, mine)[1:], addresses(ec2, other)[1:]) == (new[1:], new[:1])
    again = ec2.assign_private_ip_addresses(NetworkInterfaceId=other, PrivateIpAddresses=new[:1])
    assert again["AssignedPrivateIpAddresses"] == []
