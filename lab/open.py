# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a lab is put together: its state, the corrections of moto, an account, and the engines that bring it to life."""

from __future__ import annotations

from pathlib import Path

from .autoscaling import answers as autoscaling_answers
from .autoscaling.demand import act
from .autoscaling.engine import ScalingEngine
from .autoscaling.groups import counted
from .cloudwatch import answers as cloudwatch_answers
from .cloudwatch.engine import AlarmEngine
from .core import corrections
from .core.account import Account
from .core.clock import Clock, ManualClock
from .core.delays import Delays
from .core.lab import Lab
from .ec2 import answers as ec2_answers
from .ec2.account import WCS_VERSION, open_account
from .ec2.instances import metadata_tags
from .elb import answers as elb_answers
from .elb.engine import BalancingEngine
from .iam import answers as iam_answers
from .iam import principals
from .machines import Known, Machines
from .machines.imaginary import ImaginaryMachines

ANSWERS = (autoscaling_answers, cloudwatch_answers, ec2_answers, elb_answers, iam_answers)
"""Where moto is corrected: packages of files that register what they correct."""


def open_lab(
    machines: Machines | None = None,
    clock: Clock | None = None,
    delays: Delays | None = None,
    *,
    directory: Path | None = None,
    live: bool = False,
    block: str = "127.77",
    front: str | None = None,
    seed: int | None = 1,
    default_vpc: bool = False,
) -> Lab:
    """A lab on an empty AWS; left to itself one in memory, on a clock that advances only when it is told to.

    `directory` is the lab's folder (None: nothing is written). `live` says that balancers listen on sockets. `block`
    are the first two bytes of every machine's address, `front` of every balancer's (None: the same). With a `seed`,
    ids are the same each time. `default_vpc` gives every Region the default VPC that most accounts have.
    """
    corrections.install(ANSWERS)
    lab = Lab(
        machines or ImaginaryMachines(),
        clock or ManualClock(),
        delays or Delays(),
        directory=directory,
        live=live,
        block=block,
        front=front,
        seed=seed,
        default_vpc=default_vpc,
    )
    scaling = ScalingEngine(lab)
    lab.machines.known = Known(
        scaling.target_state,
        lambda instance_id: metadata_tags(lab, instance_id),
        lambda instance_id: principals.credentials(lab, instance_id),
    )
    lab.begin([BalancingEngine(lab), scaling, AlarmEngine(lab, act, counted)], _furnish)
    return lab


def _furnish(lab: Lab) -> Account:
    """The lab's account, with the disks of its images."""
    account = open_account(lab.block)
    lab.machines.install(account.wcs_image_id, WCS_VERSION)
    lab.machines.install(account.bare_image_id, None)
    return account
