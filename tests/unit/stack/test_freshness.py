"""How old it is, in sentences; and what counts as newer."""

from __future__ import annotations

import pytest

from plugins.module_utils._base_image.api import from_aws
from plugins.module_utils._stack.freshness import DAY, Freshness, lines

NOW = 1_796_000_000.0  # 2026-11-29


def image(name, created, state="available", **more):
    raw = {"ImageId": f"ami-{name}", "Name": name, "CreationDate": created, "State": state, **more}
    return from_aws(raw)


OLD, NEW = image("old", "2026-10-01T00:00:00.000Z"), image("new", "2026-11-20T00:00:00.000Z")


@pytest.mark.parametrize(
    ("base", "matches", "newer"),
    [
        (OLD, (OLD, NEW), "ami-new"),
        (NEW, (OLD, NEW), None),
        (OLD, (OLD,), None),
        (OLD, (), None),
        (None, (OLD, NEW), None),
        (OLD, (OLD, image("gone", "2026-11-21T00:00:00.000Z", "disabled")), None),
    ],
)
def test_newer(base, matches, newer):
    found = Freshness(base=base, matches=matches).newer
    assert (found.image_id if found else None) == newer


def test_the_sentences():
    seen = Freshness(image("wcs-1", "2026-11-28T00:00:00.000Z"), OLD, (OLD, NEW), (NOW + 30 * DAY, NOW + 9.5 * DAY))
    made, base, certificate = lines(seen, NOW)
    assert made.startswith("WCS and Java are those of image 'wcs-1', made ")
    assert "a newer base image matches: ami-new 'new' of 2026-11-20." in base
    assert certificate == "The certificate that ends first is valid for 9 days more."


def test_what_is_unknown_is_left_out():
    assert lines(Freshness(), NOW) == []
    assert "on an unknown day" in lines(Freshness(base=image("x", "")), NOW)[0]
    assert lines(Freshness(certificates=[NOW - DAY]), NOW) == ["The certificate that ends first ended 1 day ago."]
