"""Whether an instance type runs an image, in every pair of what AWS may say of both."""

from __future__ import annotations

import itertools

import pytest

from plugins.module_utils._core.machines import unfit


def image(**more):
    return {"ImageId": "ami-1", **more}


def machine(architectures=(), modes=(), virtual=()):
    return {
        "InstanceType": "t",
        "ProcessorInfo": {"SupportedArchitectures": list(architectures)},
        "SupportedBootModes": list(modes),
        "SupportedVirtualizationTypes": list(virtual),
    }


MODES = ("legacy-bios", "uefi")


@pytest.mark.parametrize("mode", [None, *MODES, "uefi-preferred"])
@pytest.mark.parametrize("able", [(), *((one,) for one in MODES), MODES])
def test_boot_modes(mode, able):
    fits = not unfit(image(BootMode=mode), machine(modes=able))
    assert fits == (mode is None or not able or mode == "uefi-preferred" or mode in able)


@pytest.mark.parametrize(("one", "two"), list(itertools.product(["i386", "x86_64", "arm64"], repeat=2)))
def test_architectures(one, two):
    assert bool(unfit(image(Architecture=one), machine([two]))) == (one != two)


@pytest.mark.parametrize(("one", "two"), list(itertools.product(["hvm", "paravirtual"], repeat=2)))
def test_virtualization(one, two):
    assert bool(unfit(image(VirtualizationType=one), machine(virtual=[two]))) == (one != two)


def test_what_aws_does_not_say_is_not_judged():
    assert unfit({}, {}) == ""
