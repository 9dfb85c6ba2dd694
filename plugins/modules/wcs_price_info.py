#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: what AWS's price list says."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_price_info
short_description: Reads prices of instances, volumes and the load balancer from AWS's price list
version_added: 0.1.0
description:
  - Reads what AWS lists on demand for Linux in the Region, by C(pricing:GetProducts) in us-east-1.
  - It does not fail if the account must not read the price list, or if it cannot be reached. RV(refused) then has the reason, and
    the plan uses the table of this collection.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  instance_types:
    description:
      - The instance types, one request for each. What is not known yet and what is not an instance type is left out.
    type: list
    elements: str
    default: []
  costs:
    description:
      - What is paid for, as in M(webcallserver.aws.wcs_plan). The instance types in it are read, too.
    type: dict
  volume_types:
    description:
      - The types of volumes, one request for each.
    type: list
    elements: str
    default: [gp3, gp2]
seealso:
  - module: webcallserver.aws.wcs_plan
  - module: webcallserver.aws.wcs_report
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging.reading
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Read what an hour of c5.xlarge costs
  webcallserver.aws.wcs_price_info:
    region: eu-central-1
    instance_types: [c5.xlarge]
  register: listed
"""

RETURN = r"""
prices:
  description:
    - What AWS lists, in USD. A price that is not listed is not in it.
    - C(instance_hour) by instance type, C(volume_gb_month) by type of volume, and C(load_balancer_hour).
  returned: success
  type: dict
  sample: {instance_hour: {c5.xlarge: 0.194}, volume_gb_month: {gp3: 0.0952}, load_balancer_hour: 0.03}
refused:
  description: Why the price list could not be read; null if it was.
  returned: success
  type: str
  sample: null
region:
  description: The Region of the prices.
  returned: success
  type: str
  sample: eu-central-1
"""

from ..module_utils._core.module import reading
from ..module_utils._money.options import ARGUMENTS
from ..module_utils._money.run import look


def main() -> None:
    """Runs the module."""
    reading(ARGUMENTS, look)


if __name__ == "__main__":
    main()
