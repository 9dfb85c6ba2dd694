# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab that is up writes for others: its description, the environment and the inventory to run playbooks with."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

import yaml

from ..core.lab import Lab
from ..machines import servers
from ..machines.hosts import KEY
from ..machines.live import HOME
from ..machines.network import METADATA_PORT
from ..machines.rootfs import USER

BOOT_SECONDS = 120  # that a host may take to boot, however fast AWS's own time passes
ACCESS_KEY, SECRET_KEY = "LABLABLABLABLABLABLA", "opens-nothing-but-a-lab"  # the lab believes everybody


def about(lab: Lab, url: str, speed: float, machines: str) -> dict[str, Any]:
    """Everything there is to know of a lab that has just come up, as plain data (`lab.json`)."""
    account = lab.account
    return {
        "pid": os.getpid(),
        "dir": str(lab.directory),
        "url": url,
        "speed": speed,
        "machines": machines,
        "block": f"{lab.block}.0.0/16",
        "account_id": account.account_id,
        "region": account.region,
        "vpc_id": account.vpc_id,
        "subnets": account.subnets,
        "key_name": account.key_name,
        "vendor_id": account.vendor_id,
        "wcs_image_id": account.wcs_image_id,
        "wcs_image_name": account.wcs_image_name,
        "bare_image_id": account.bare_image_id,
        "bare_image_name": account.bare_image_name,
    }


def env(about: dict[str, Any]) -> str:
    """Shell lines that send every AWS client to the lab, and nowhere else."""
    values = {
        "AWS_ENDPOINT_URL": about["url"],
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": about["region"],
        "AWS_REGION": about["region"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "WCS_LAB_DIR": about["dir"],
    }
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    return exports + "unset AWS_PROFILE AWS_SESSION_TOKEN\n"


def inventory(about: dict[str, Any]) -> str:
    """An inventory in YAML: the account's ids for the AWS roles, and how a seed is reached."""
    common = {
        "wcs_region": about["region"],
        "wcs_vpc_id": about["vpc_id"],
        "wcs_subnets": list(about["subnets"].values()),
        "wcs_key_name": about["key_name"],
        "wcs_instance_type": "c5.large",
        "wcs_seed_image_id": about["wcs_image_id"],
        "wcs_controller_cidrs": ["127.0.0.0/8"],
    }
    seed = _folder()
    if about["machines"] == "podman":
        common |= {
            "wcs_controller_cidrs": [about["block"]],
            "wcs_seed_user": USER,
            "wcs_seed_private_key_file": f"{{{{ lookup('env', 'WCS_LAB_DIR') }}}}/{KEY}",
            "wcs_autoscaling_health_check_grace_period": max(300, round(BOOT_SECONDS * about["speed"])),
        }
        seed = _host()
    whole = {"all": {"vars": common, "children": {"wcs_seed": {"vars": seed}}}}
    head = (
        "# Written by `python -m lab up`. Every variable is one of the roles' own, with a value that fits this lab.\n"
    )
    return head + yaml.safe_dump(whole, sort_keys=False, width=120)


def _host() -> dict[str, Any]:
    """How a seed is reached that is a real host: by ssh."""
    return {
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_common_args": "-o UserKnownHostsFile={{ lookup('env', 'WCS_LAB_DIR') }}/known_hosts",
        "wcs_server_service": "systemd",
        "wcs_server_host_setup": True,
    }


def _folder() -> dict[str, Any]:
    """How a seed is reached that is a folder and a process of this machine."""
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "wcs_server_home": "{{ lookup('env', 'WCS_LAB_DIR') }}/machines/{{ wcs_seed_instance_id }}/disk/" + HOME,
        "wcs_server_service": "script",
        "wcs_server_host_setup": False,
        "wcs_server_address": "{{ wcs_seed_private_ip }}",
        "wcs_server_environment": {servers.METADATA: f"http://{{{{ wcs_seed_private_ip }}}}:{METADATA_PORT}"},
    }
