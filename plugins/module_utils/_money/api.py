# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS's price list: the one place that asks for it, and reads its answers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from .._core.answers import table, tables
from .._core.aws import Aws

AT = "us-east-1"
"""The price list of all Regions is asked for here."""
SHARED = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}


def read_prices(aws: Aws, region: str, instance_types: Sequence[str], volume_types: Sequence[str]) -> dict[str, Any]:
    """What AWS lists for the Region, under the names of `_money.prices`; what it does not list is left out."""
    instances = {one: _read(aws, "AmazonEC2", "Hrs", region, instanceType=one, **SHARED) for one in instance_types}
    volumes = {one: _read(aws, "AmazonEC2", "GB-Mo", region, volumeApiName=one) for one in volume_types}
    balancer = _read(aws, "AWSELB", "Hrs", region, productFamily="Load Balancer")
    found = {"instance_hour": _listed(instances), "volume_gb_month": _listed(volumes), "load_balancer_hour": balancer}
    return {name: value for name, value in found.items() if value not in (None, {})}


def _listed(prices: Mapping[str, float | None]) -> dict[str, float]:
    return {name: price for name, price in prices.items() if price is not None}


def _read(aws: Aws, service: str, unit: str, region: str, **wanted: str) -> float | None:
    """The price of the product; None where AWS lists none, or several that differ."""
    fields = {"regionCode": region, **wanted}
    filters = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in fields.items()]
    rows = aws.pages("pricing", "GetProducts", "PriceList", region=AT, ServiceCode=service, Filters=filters)
    prices = {price for row in rows for price in from_aws(row, unit)}
    return prices.pop() if len(prices) == 1 else None


def from_aws(row: str, unit: str) -> list[float]:
    """The on-demand prices in USD for that unit in one product of GetProducts; what costs nothing is no price."""
    try:
        terms = table(table(json.loads(row)).get("terms")).get("OnDemand")
    except ValueError:
        return []
    offers = tables(list(table(terms).values()))
    dimensions = [one for offer in offers for one in tables(list(table(offer.get("priceDimensions")).values()))]
    found = [_usd(one) for one in dimensions if one.get("unit") == unit]
    return [price for price in found if price]


def _usd(dimension: Mapping[str, Any]) -> float | None:
    try:
        price = float(table(dimension.get("pricePerUnit")).get("USD", ""))
    except (TypeError, ValueError):
        return None
    return price if math.isfinite(price) and price > 0 else None
