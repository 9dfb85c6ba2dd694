"""wcs_classic_elb against the lab: killed runs and lost replies are finished, never doubled."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.aws import Aws
from tests.contract.wcs_classic_elb.conftest import (
    CREATE,
    REGISTER,
    TLS12,
    balancer_bench,
    certificate,
    of,
)
from tests.support.harness import Bench, launched

pytestmark = pytest.mark.long


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return balancer_bench(lab, aws)


@pytest.fixture
def subnets(bench: Bench) -> list[str]:
    return list(bench.lab.account.subnet_ids)


class Killed(BaseException):
    """Ends a run as a signal does."""


def killed(bench: Bench, monkeypatch: pytest.MonkeyPatch, writes: int, **given: Any) -> None:
    """A run that is killed after so many write calls had their effect."""
    made, write = 0, Aws.write

    def counted(self: Aws, *args: Any) -> Any:
        nonlocal made
        result = write(self, *args)
        made += 1
        if made == writes:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(Aws, "write", counted)
        with pytest.raises(Killed):
            bench.run(**given)


@pytest.mark.parametrize("writes", range(1, 8))
def test_a_killed_creation_is_finished_by_the_next_run(
    bench: Bench, subnets: list[str], monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    secure = {"protocol": "https", "load_balancer_port": 443, "certificate_arn": certificate(bench)}
    policies = {"ssl_policy": TLS12, "stickiness": {"type": "loadbalancer"}}
    given: dict[str, Any] = {"subnets": subnets, "listeners": [secure | policies], "instance_ids": launched(bench.lab)}
    whole = bench.exact(name="whole", **given)
    assert len(whole.outcome.actions) == 7
    killed(bench, monkeypatch, writes, name="wcs", **given)
    finished = bench.exact(name="wcs", **given)
    assert finished.outcome.actions == whole.outcome.actions[writes:]
    own = ("name", "dns_name", "stack")
    assert {key: value for key, value in of(finished).items() if key not in own} == {
        key: value for key, value in of(whole).items() if key not in own
    }


@pytest.mark.parametrize("kind", ["cut-reply", "error-after", "error-before"])
@pytest.mark.parametrize("number", range(4))
def test_a_lost_reply_makes_nothing_twice(bench: Bench, subnets: list[str], number: int, kind: str) -> None:
    ids = launched(bench.lab)
    operation = [*CREATE, REGISTER][number].removeprefix("elb:")
    bench.lab.faults.add(kind, operation)
    answer = bench.run(name="wcs", subnets=subnets, instance_ids=ids)
    assert answer.outcome.actions == [*CREATE, REGISTER]
    assert len(bench.aws("elb").describe_load_balancers()["LoadBalancerDescriptions"]) == 1
    assert bench.run(name="wcs", subnets=subnets, instance_ids=ids).outcome.actions == []


@pytest.mark.parametrize("operation", ["DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeTags"])
def test_a_read_that_is_late_is_read_again(bench: Bench, subnets: list[str], operation: str) -> None:
    bench.run(name="wcs", subnets=subnets[:2])
    bench.lab.faults.add("stale", operation, count=2, skip=1)
    change: dict[str, Any] = {"subnets": subnets, "idle_timeout": 60, "tags": {"Team": "video"}}
    done = bench.run(name="wcs", **change)
    assert done.outcome.actions == bench.writes()[-3:]
    assert len(done.outcome.actions) == 3
    assert bench.run(name="wcs", **change).outcome.after == done.outcome.after
