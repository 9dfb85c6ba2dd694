# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account as it is found: a network on loopback, a key pair, an image with WCS and one without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core import backends as state
from ..core.account import Account
from ..core.lab import Lab
from .images import find, record

REGION = "us-east-1"
ZONES = ("a", "b", "c")
VENDOR_ID = "679593333241"  # the account that sells the images; not the lab's own
KEY_NAME = "wcs-lab"
WCS_VERSION = "5.2.2150"
WCS_IMAGE_NAME = f"FlashphonerWebCallServer-{WCS_VERSION}"
BARE_IMAGE_NAME = "debian-12-amd64"
PUBLIC_KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl lab"


def open_account(block: str) -> Account:
    """Makes the network, key pair and images in moto; `block` are the first two bytes of every address."""
    ec2 = state.backend("ec2", REGION)
    vpc = ec2.create_vpc(f"{block}.0.0/16", tags=[{"Key": "Name", "Value": "lab"}])
    subnets = {}
    for number, letter in enumerate(ZONES, start=1):
        zone = f"{REGION}{letter}"
        subnet = ec2.create_subnet(vpc.id, f"{block}.{number}.0/24", availability_zone=zone)
        subnet.default_for_az, subnet.map_public_ip_on_launch = False, True
        subnet.add_tag("Name", f"lab-{letter}")
        subnets[zone] = subnet.id
    ec2.import_key_pair(KEY_NAME, PUBLIC_KEY, {})
    wcs = _image(ec2, WCS_IMAGE_NAME, f"Web Call Server {WCS_VERSION} (the lab's stand-in)")
    bare = _image(ec2, BARE_IMAGE_NAME, "Debian 12 without Web Call Server")
    return Account(
        account_id=state.ACCOUNT_ID,
        region=REGION,
        vpc_id=vpc.id,
        subnets=subnets,
        key_name=KEY_NAME,
        vendor_id=VENDOR_ID,
        wcs_image_id=wcs.id,
        wcs_image_name=wcs.name,
        bare_image_id=bare.id,
        bare_image_name=bare.name,
    )


def _image(ec2: Any, name: str, description: str) -> Any:
    image = record(ec2, name, description)
    image.owner_id, image.image_location = VENDOR_ID, f"{VENDOR_ID}/{name}"
    image.launch_permissions = [{"Group": "all"}]
    root = {
        "SnapshotId": image.ebs_snapshot.id,
        "VolumeSize": 8,
        "VolumeType": "gp3",
        "DeleteOnTermination": True,
        "Encrypted": False,
    }
    image.devices = [{"DeviceName": image.root_device_name, "Ebs": root}]
    return image


@dataclass(frozen=True)
class Offer:
    """An image that the vendor offers: like the account's `like` ("wcs" or "bare"), but for what is said here.

    `product`: its code in AWS Marketplace, which the account has `subscribed` to or not.
    """

    name: str
    like: str = "wcs"
    architecture: str = "x86_64"
    region: str = REGION
    product: str | None = None
    subscribed: bool = False


def offer(lab: Lab, offered: Offer) -> str:
    """The id of the image that the vendor now offers, too."""
    with lab.lock:
        ids = {"wcs": lab.account.wcs_image_id, "bare": lab.account.bare_image_id}
        like = find(state.backend("ec2", REGION), ids[offered.like])
        image = _image(state.backend("ec2", offered.region), offered.name, like.description)
        image.architecture = offered.architecture
        lab.machines.copy_image(like.id, image.id)
        if offered.product:
            image.product_codes = [{"ProductCodeId": offered.product, "ProductCodeType": "marketplace"}]
            (lab.unsubscribed.discard if offered.subscribed else lab.unsubscribed.add)(offered.product)
        return str(image.id)
