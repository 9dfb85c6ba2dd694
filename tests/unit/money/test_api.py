"""AWS's price list: what is read of its answers, and what is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.clock import SystemClock
from plugins.module_utils._core.module import Run
from plugins.module_utils._money.api import from_aws
from plugins.modules.wcs_price_info import ARGUMENTS, look


def product(*prices: tuple[str, str]) -> str:
    """A product with on-demand prices, each an amount and its unit."""
    dimensions = {str(n): {"unit": unit, "pricePerUnit": {"USD": usd}} for n, (usd, unit) in enumerate(prices)}
    return json.dumps({"product": {}, "terms": {"OnDemand": {"offer": {"priceDimensions": dimensions}}}})


@pytest.mark.parametrize(
    ("row", "prices"),
    [
        (product(("0.0850000000", "Hrs")), [0.085]),
        (product(("0.085", "Hrs"), ("0.008", "GB")), [0.085]),
        (product(("0.0000000000", "Hrs")), []),
        (product(("much", "Hrs")), []),
        (product(("nan", "Hrs")), []),
        ("{}", []),
        ("[]", []),
        ("no JSON", []),
        ('{"terms": {"OnDemand": []}}', []),
        ('{"terms": {"Reserved": {}}}', []),
    ],
)
def test_the_prices_of_a_product(row: str, prices: list[float]) -> None:
    assert from_aws(row, "Hrs") == prices


class PriceList:
    """A client of the price list that answers these products by the value of a filter."""

    def __init__(self, **products: list[str]) -> None:
        self.products, self.asked = products, list[dict[str, Any]]()

    def _make_api_call(self, operation: str, args: dict[str, Any]) -> dict[str, Any]:
        assert operation == "GetProducts"
        self.asked.append(args)
        values = {one["Value"] for one in args["Filters"]}
        return {
            "PriceList": [
                row for name, rows in self.products.items() if name.replace("_", ".") in values for row in rows
            ]
        }


def asked(client: PriceList, **given: Any) -> dict[str, Any]:
    clock, regions = SystemClock(), list[tuple[str, str | None]]()

    def clients(service: str, region: str | None) -> PriceList:
        regions.append((service, region))
        return client

    params = {name: option.get("default") for name, option in ARGUMENTS.items()} | given
    answer = look(params, Run(Aws(clients, clock, region="eu-west-1"), clock))
    assert regions == [("pricing", "us-east-1")]
    return answer


def test_each_type_is_asked_for_in_the_region_that_is_meant() -> None:
    client = PriceList(c5_large=[product(("0.096", "Hrs"))], gp3=[product(("0.088", "GB-Mo"))])
    answer = asked(client, instance_types=["c5.large", "(known after apply)", "c5.large"])
    assert answer["prices"] == {"instance_hour": {"c5.large": 0.096}, "volume_gb_month": {"gp3": 0.088}}
    assert (answer["refused"], answer["region"]) == (None, "eu-west-1")
    filters = [{one["Field"]: one["Value"] for one in args["Filters"]} for args in client.asked]
    assert [one["regionCode"] for one in filters] == ["eu-west-1"] * 4
    assert filters[0] == {
        "regionCode": "eu-west-1",
        "instanceType": "c5.large",
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
    }


def test_prices_that_differ_are_none() -> None:
    client = PriceList(c5_large=[product(("0.096", "Hrs")), product(("0.1", "Hrs"))])
    assert asked(client, instance_types=["c5.large"])["prices"] == {}


def test_types_of_a_plan_are_asked_for() -> None:
    client = PriceList(m5_large=[product(("0.107", "Hrs"))])
    members = [{"instance_id": "i-1", "instance_type": "m5.large"}]
    answer = asked(client, costs={"group": {"group": {"desired_capacity": 1, "max_size": 2, "instances": members}}})
    assert answer["prices"] == {"instance_hour": {"m5.large": 0.107}}
