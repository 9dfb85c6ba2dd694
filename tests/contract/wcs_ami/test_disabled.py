"""An image that was disabled by hand keeps its name and launches nothing: it is there, and not as wanted."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.modules import wcs_ami
from tests.support.harness import Bench, launched, managed
from tests.support.overlay import Overlay

NAME = "wcs-0123456789ab"


@pytest.mark.parametrize("check", [True, False])
def test_a_disabled_image_is_refused_and_can_be_removed(lab: Any, aws: Any, check: bool) -> None:
    overlay = Overlay(aws)
    bench = Bench(lab, overlay, wcs_ami.ARGUMENTS, managed(wcs_ami, lab))
    (instance,) = launched(lab)
    image = bench.run(name=NAME, instance_id=instance).returns["image"]["image_id"]
    overlay.changes["DescribeImages"] = lambda reply: [one.update(State="disabled") for one in reply["Images"]]
    start = bench.mark()
    assert str(bench.fails(check, name=NAME, instance_id=instance)) == (
        f"Cannot make image '{NAME}': {image} of that name is disabled, and launches nothing. "
        "Enable it (aws ec2 enable-image)."
    )
    assert bench.writes(start) == []
    assert bench.check(name=NAME, state="absent").outcome.actions == ["ec2:DeregisterImage"]


def test_disabled_images_are_asked_for(lab: Any, aws: Any) -> None:
    """AWS does not list them by itself."""
    asked: list[Any] = []

    def client(service: str, region: str) -> Any:
        real = aws(service, region)

        class Recorded:
            meta = real.meta

            def _make_api_call(self, operation: str, args: Any) -> Any:
                asked.extend([args] if operation == "DescribeImages" else [])
                return real._make_api_call(operation, args)

        return Recorded()

    bench = Bench(lab, client, wcs_ami.ARGUMENTS, managed(wcs_ami, lab))
    bench.check(name=NAME, state="absent")
    assert asked
    assert all(args.get("IncludeDisabled") is True for args in asked)
