"""The table of systems: complete, and each host finds its row."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import yaml

from plugins.module_utils._host.systems import NOT_SUPPORTED, SYSTEMS, System, digits, system_of, unsupported_of

ROOT = Path(__file__).parents[3]
ROLE = ROOT / "roles" / "wcs_server"
NAMES = [row.name for row in SYSTEMS]
EL8, EL9, EL10 = (f"RHEL, Rocky, AlmaLinux {version}" for version in (8, 9, 10))


def tools() -> list[str]:
    """The commands that the role looks for."""
    return yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__wcs_server_tools"]


@pytest.mark.parametrize("row", SYSTEMS, ids=NAMES)
def test_a_row_is_complete(row: System) -> None:
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        assert isinstance(value, bool) or value, field.name
    assert row.jdk != row.headless
    assert row.interpreter.startswith("/usr/bin/python3")
    assert row.limits.startswith("/etc/")
    assert row.logs.startswith("/etc/")
    assert all(row.package(tool) for tool in tools())
    assert row.package("diff") == "diffutils"
    assert set(row.packages) <= set(tools()), "a command that the role does not look for"


@pytest.mark.parametrize("row", SYSTEMS, ids=NAMES)
def test_the_paths_of_a_row_are_those_that_the_role_writes(row: System) -> None:
    written = (ROLE / "tasks" / "host.yml").read_text().replace("{{ __wcs_server_unit }}", "webcallserver")
    assert row.limits in written
    assert row.logs in written


@pytest.mark.parametrize("row", SYSTEMS, ids=NAMES)
def test_java_has_the_name_that_the_system_gives_it(row: System) -> None:
    names = {"Amazon": "amazon-corretto", "RHEL": "openjdk", "Debian": "default", "Ubuntu": "default"}
    assert names[re.split(r"[ ,]", row.name)[0]] in row.jdk
    assert row.jdk.endswith(("-devel", "-jdk-headless"))
    assert "headless" in row.headless


@pytest.mark.parametrize(
    ("host_id", "like", "version", "name"),
    [
        ("amzn", ("fedora",), "2023", "Amazon Linux 2023"),
        ("amzn", ("fedora",), "2023.6", "Amazon Linux 2023"),
        ("rhel", ("fedora",), "8.10", EL8),
        ("rocky", ("rhel", "centos", "fedora"), "9.4", EL9),
        ("almalinux", ("rhel", "centos", "fedora"), "10.0", EL10),
        ("centos", ("rhel", "fedora"), "9", EL9),
        ("scientific", ("rhel", "fedora"), "9.1", EL9),
        ("debian", (), "11", "Debian 12"),
        ("debian", (), "12", "Debian 12"),
        ("debian", (), "13", "Debian 13"),
        ("debian", (), "14", "Debian 13"),
        ("ubuntu", ("debian",), "22.04", "Ubuntu 22.04"),
        ("ubuntu", ("debian",), "24.04", "Ubuntu 24.04"),
        ("ubuntu", ("debian",), "26.04", "Ubuntu 24.04"),
        ("linuxmint", ("ubuntu", "debian"), "22", "Ubuntu 22.04"),
    ],
)
def test_a_host_has_its_row(host_id: str, like: tuple[str, ...], version: str, name: str) -> None:
    row = system_of(host_id, like, digits(version))
    assert row is not None
    assert row.name == name
    assert unsupported_of(host_id, digits(version)) is None


@pytest.mark.parametrize(
    ("host_id", "like", "version"),
    [
        ("amzn", ("centos", "rhel", "fedora"), "2"),
        ("amzn", ("rhel", "fedora"), "2018.03"),
        ("centos", ("rhel", "fedora"), "7"),
        ("rhel", ("fedora",), "7.9"),
        ("fedora", (), "42"),
        ("sles", ("suse",), "15.6"),
        ("alpine", (), "3.20"),
        ("", (), ""),
        ("debian", (), ""),
    ],
)
def test_a_host_that_is_not_in_the_table_has_no_row(host_id: str, like: tuple[str, ...], version: str) -> None:
    assert system_of(host_id, like, digits(version)) is None


@pytest.mark.parametrize("one", NOT_SUPPORTED, ids=lambda one: one.name)
def test_what_is_not_supported_says_why_and_what_to_do(one) -> None:
    said = str(one)
    assert said.startswith(f"{one.name} is not supported: it is out of support since 20")
    assert re.search(r"\. Begin with an image of .*\. To go on with this one, .* ansible_python_interpreter$", said)
    assert all(unsupported_of(host_id, (*one.version, 9)) is one for host_id in one.ids)


@pytest.mark.parametrize("one", NOT_SUPPORTED, ids=lambda one: one.name)
def test_why_is_in_the_guide_of_errors(one) -> None:
    guide = " ".join((ROOT / "docs" / "docsite" / "rst" / "guide_errors.rst").read_text().split())
    assert one.name in guide
    assert one.reason in guide


def test_amazon_linux_2_has_its_command() -> None:
    assert "sudo amazon-linux-extras install -y python3.8" in str(unsupported_of("amzn", (2,)))


def test_the_readme_has_the_table() -> None:
    lines = [
        f"| {row.name} | `{row.manager}` | `{row.python}` | `{row.jdk}` | `{row.headless}` |"
        f" {'may be on' if row.selinux else '-'} |"
        for row in SYSTEMS
    ]
    readme = (ROLE / "README.md").read_text()
    assert "\n".join(lines) in readme
    assert all(one.name in readme for one in NOT_SUPPORTED)
