"""Prices: the table, the user's own over it, and that an unknown price is unknown and not 0."""

from __future__ import annotations

import math
from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._money.prices import (
    FAMILIES,
    LARGE_HOUR,
    NAMES,
    REGIONS,
    SINGLE,
    SIZES,
    Prices,
    hour,
    licence_month,
    own_prices,
)

KNOWN = [
    ("c5.xlarge", "us-east-1", 0.17),
    ("c5.9xlarge", "us-east-1", 1.53),
    ("c5.large", "eu-west-1", 0.096),
    ("c6i.large", "eu-west-1", 0.0912),
    ("c7i.2xlarge", "us-west-2", 0.357),
    ("m5.24xlarge", "us-east-1", 4.608),
    ("m6i.large", "eu-central-1", 0.115),
    ("t3.nano", "eu-west-1", 0.0057),
    ("t3.medium", "us-east-1", 0.0416),
]
UNKNOWN = [
    ("c5.8xlarge", "us-east-1"),  # a size that AWS does not have
    ("t3.4xlarge", "us-east-1"),
    ("c9x.large", "us-east-1"),
    ("c5.large", "ap-south-1"),
    ("c7i.large", "eu-west-1"),
    ("c5", "us-east-1"),
    ("", "us-east-1"),
    ("(known after apply)", "us-east-1"),
]


@pytest.mark.parametrize(("kind", "region", "price"), KNOWN)
def test_an_hour_of_an_instance(kind: str, region: str, price: float) -> None:
    assert hour(kind, region) == pytest.approx(price)


@pytest.mark.parametrize(("kind", "region"), UNKNOWN)
def test_a_price_that_is_not_known_is_none_and_never_0(kind: str, region: str) -> None:
    assert hour(kind, region) is None
    assert hour(kind, region, {"instance_hour": {kind: 0.5}}) == 0.5


def test_every_price_of_the_table_is_more_than_0_and_doubles_with_the_size() -> None:
    for region, families in LARGE_HOUR.items():
        for family in families:
            found = {size: hour(f"{family}.{size}", region) for size in FAMILIES[family]}
            assert all(one is not None and one > 0 for one in found.values())
            for size, one in found.items():
                assert one == pytest.approx((found["large"] or 0) * SIZES[size])
        prices = Prices(region)
        assert all((prices.one(name) or 0) > 0 for name in SINGLE)
        assert all((prices.volume_month(kind) or 0) > 0 for kind in ("gp2", "gp3"))
    assert set(LARGE_HOUR) == set(REGIONS)


def test_elsewhere_only_the_licence_has_a_price() -> None:
    prices = Prices("ap-south-1")
    assert {name: prices.one(name) for name in SINGLE if prices.one(name) is not None} == {"licence_month": 145.0}
    assert prices.volume_month("gp3") is None


def test_ones_own_price_goes_over_awss_list_and_that_over_the_table() -> None:
    listed = {"instance_hour": {"c5.large": 0.09, "c5.xlarge": 0.18}, "load_balancer_hour": 0.02}
    prices = Prices("us-east-1", {"instance_hour": {"c5.large": 0.0}}, listed)
    assert [prices.hour(kind) for kind in ("c5.large", "c5.xlarge", "c5.2xlarge")] == [0.0, 0.18, 0.34]
    assert prices.one("load_balancer_hour") == 0.02
    assert prices.source == "your own, then AWS's price list, then the table of 2025-06"


def test_the_source_says_why_awss_list_was_not_read() -> None:
    assert Prices("us-east-1", refused="AccessDeniedException").source == (
        "the table of 2025-06 (AWS's price list: AccessDeniedException)"
    )


def test_the_licence_of_a_month() -> None:
    assert licence_month() == 145.0
    assert licence_month({"licence_month": 99}) == 99.0
    assert licence_month({"licence_month": 0}) == 0.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "much", True, [1]])
def test_what_is_no_price_is_refused_by_its_name(name: str, value: Any) -> None:
    given = {name: value if name in SINGLE else {"c5.large": value}}
    with pytest.raises(Failure, match=f"prices.{name}.* is no price"):
        own_prices(given)


def test_own_prices_are_numbers_also_where_an_inventory_has_text() -> None:
    given = {"instance_hour": {"c5.large": "0.1"}, "licence_month": "120", "snapshot_gb_month": None}
    assert own_prices(given) == {"instance_hour": {"c5.large": 0.1}, "licence_month": 120.0}
    assert own_prices(None) == {}


def test_names_that_do_not_exist_are_refused() -> None:
    with pytest.raises(Failure, match="there is no price of that name"):
        own_prices({"instance_hours": {}})
    with pytest.raises(Failure, match="it is no dictionary of prices by type"):
        own_prices({"instance_hour": 0.1})
