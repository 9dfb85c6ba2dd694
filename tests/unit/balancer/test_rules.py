"""What is refused before the first call: the whole sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._balancer import moves as _balancer
from plugins.module_utils._balancer.health import HealthCheck
from plugins.module_utils._balancer.listeners import Listener
from plugins.module_utils._balancer.value import AccessLog, Attributes, Have, Wanted
from plugins.module_utils._core.step import LATER
from tests.unit.balancer.test_moves import A2, MARK, A, balancer

RESERVED = (
    "the tag key 'webcallserver.aws:stack' in tags begins with a reserved prefix ('webcallserver.aws:' or 'aws:')"
)
FIX = "Correct the option and run again."
NAME = "a name has 1 to 32 letters, digits and hyphens, and no hyphen at its ends. Choose another name."


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("w", True),
        ("wcs-1", True),
        ("W" * 32, True),
        ("w" * 33, False),
        ("", False),
        ("-wcs", False),
        ("wcs-", False),
        ("wcs_1", False),
        ("wcs.1", False),
    ],
)
def test_names(name: str, fits: bool) -> None:
    for want, verb in ((Wanted(name, subnets=(A,)), "create"), (None, "delete")):
        refusal = _balancer.refuse(Have(name), want)
        subject = f"load balancer '{name}'" if name else "load balancer"
        assert (refusal and refusal.sentence()) == (None if fits else f"Cannot {verb} {subject}: {NAME}")


@pytest.mark.parametrize(
    ("want", "words"),
    [
        ({}, None),
        ({"subnets": None}, "a new load balancer needs subnets, or zones in a default VPC"),
        ({"subnets": None, "zones": ("za",)}, None),
        ({"zones": ("za",)}, "subnets and zones exclude each other"),
        ({"subnets": ()}, "subnets is empty, and a load balancer needs at least one subnet"),
        ({"subnets": None, "zones": ()}, "zones is empty, and a load balancer needs at least one zone"),
        (
            {"security_group_ids": ()},
            "security_group_ids is empty, and a load balancer needs at least one security group",
        ),
        ({"subnets": ("vpc-1",)}, "'vpc-1' in subnets is not an ID"),
        ({"security_group_ids": ("default",)}, "'default' in security_group_ids is not an ID"),
        ({"instance_ids": ("10.0.0.1",)}, "'10.0.0.1' in instance_ids is not an ID"),
        ({"subnets": (LATER,), "security_group_ids": (LATER,), "instance_ids": (LATER,)}, None),
        ({"listeners": ()}, "listeners is empty, and a load balancer needs at least one"),
        (
            {"listeners": (Listener("ssl", 8443),)},
            "the listener at port 8443 in listeners has protocol ssl and no certificate_arn",
        ),
        (
            {"health_check": HealthCheck(timeout=5)},
            "health_check.timeout 5 is not below health_check.interval 5",
        ),
        (
            {"health_check": HealthCheck("tcp", path="/")},
            "health_check.path is for http and https, and health_check.protocol is tcp",
        ),
        ({"attributes": Attributes(idle_timeout=0)}, "idle_timeout 0 is not between 1 and 4000"),
        ({"attributes": Attributes(idle_timeout=4001)}, "idle_timeout 4001 is not between 1 and 4000"),
        ({"attributes": Attributes(idle_timeout=4000)}, None),
        ({"attributes": Attributes(connection_draining=-1)}, "connection_draining -1 is not between 0 and 3600"),
        ({"attributes": Attributes(connection_draining=3601)}, "connection_draining 3601 is not between 0 and 3600"),
        ({"attributes": Attributes(connection_draining=0)}, None),
        ({"attributes": Attributes(access_log=AccessLog())}, "access_log is enabled and has no bucket"),
        ({"attributes": Attributes(access_log=AccessLog(False))}, None),
        (
            {"attributes": Attributes(access_log=AccessLog(True, "b", interval=10))},
            "access_log.interval 10 is neither 5 nor 60",
        ),
        ({"tags": {str(n): "" for n in range(9)}}, None),
        (
            {"tags": {str(n): "" for n in range(10)}},
            "tags has 10 tags, and there is room for 9 beside those of this collection",
        ),
        (
            {"tags": {"webcallserver.aws:stack": "x"}},
            RESERVED,
        ),
    ],
)
def test_a_new_balancer(want: dict[str, Any], words: str | None) -> None:
    wanted = replace(Wanted("wcs", subnets=(A,)), **want)
    refusal = _balancer.refuse(Have("wcs"), wanted)
    assert (refusal and refusal.sentence()) == (words and f"Cannot create load balancer 'wcs': {words}. {FIX}")


MARKED = {str(n): "" for n in range(9)} | MARK
FOREIGN = (
    "a load balancer of this name exists and is not tagged webcallserver.aws:stack=wcs, so it is not managed by "
    "this collection. Set adopt: true "
    "to have it managed here, or choose another name."
)


@pytest.mark.parametrize(
    ("have", "want", "sentence"),
    [
        (Have("wcs", balancer=balancer()), {}, None),
        (Have("wcs", balancer=balancer(tags={})), {}, f"Cannot change load balancer 'wcs': {FOREIGN}"),
        (Have("wcs", balancer=balancer(tags={})), None, f"Cannot delete load balancer 'wcs': {FOREIGN}"),
        (
            Have("wcs", balancer=balancer(tags={"webcallserver.aws:stack": "other"})),
            {},
            f"Cannot change load balancer 'wcs': {FOREIGN}",
        ),
        (Have("wcs", True, balancer(tags={})), {}, None),
        (Have("wcs", True, balancer(tags={})), None, None),
        (
            Have("wcs", balancer=balancer(tags=MARKED)),
            {"tags": {"new": ""}, "purge_tags": False},
            (
                "Cannot change load balancer 'wcs': it would have 11 tags, that of this collection included; a "
                f"Classic Load Balancer has at most 10. {FIX}"
            ),
        ),
        (Have("wcs", balancer=balancer(tags=MARKED | {"aws:x": ""})), {"tags": {"new": ""}}, None),
        (
            Have("wcs", balancer=balancer(instance_ids=("i-1",))),
            {"scheme": "internal"},
            (
                "Cannot change load balancer 'wcs': it is internet-facing, and AWS cannot "
                "change that. Replacing it would "
                "cut every connection, change its DNS name, and lose its 1 registered "
                "instance and Auto Scaling groups. "
                "Leave scheme out, or make one of another stack."
            ),
        ),
        (
            Have("wcs", balancer=balancer(subnets=(A,))),
            {"subnets": (A2,)},
            (
                "Cannot change load balancer 'wcs': subnets subnet-a and subnet-a2 are in one zone; AWS allows one "
                "subnet per zone, and never none. Add a subnet of another zone; a second run may remove it again."
            ),
        ),
        (
            Have("wcs", balancer=balancer()),
            {"health_check": HealthCheck(interval=5, timeout=2, healthy_threshold=11)},
            "Cannot change load balancer 'wcs': health_check.healthy_threshold 11 is not between 2 and 10. " + FIX,
        ),
    ],
)
def test_one_that_is_there(have: Have, want: dict[str, Any] | None, sentence: str | None) -> None:
    refusal = _balancer.refuse(have, None if want is None else Wanted("wcs", **want))
    assert (refusal and refusal.sentence()) == sentence
