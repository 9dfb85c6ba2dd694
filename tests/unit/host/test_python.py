"""Which Python of a host is used: each host ends well, or with the exact commands."""

from __future__ import annotations

from itertools import product

import pytest

from plugins.filter.wcs_system import FilterModule
from plugins.module_utils._host.python import Choice, HostSystem, choose
from plugins.module_utils._host.systems import NOT_SUPPORTED, SYSTEMS

FILTER = FilterModule().filters()["wcs_system"]
ROWS = {row.name: row for row in SYSTEMS}
PYTHONS = {
    "none": "",
    "2.7": "wcs-python 2.7.18 /usr/bin/python\n",
    "3.7": "wcs-python 3.7.16 /usr/bin/python3\nwcs-python 3.7.16 /usr/bin/python3\n",  # Ansible looks for it twice
    "3.8 first, then 3.9": "wcs-python 3.8.18 /usr/bin/python3.8\nwcs-python 3.9.18 /usr/bin/python3\n",
    "3.9": "wcs-python 3.9.18 /usr/bin/python3\n",
    "only 3.11": "wcs-python 3.11.7 /usr/bin/python3.11\n",
    "one that does not run": "wcs-python none /usr/bin/python3\n",
}
WELL = {"3.8 first, then 3.9": "/usr/bin/python3", "3.9": "", "only 3.11": ""}


def system(name: str) -> str:
    """What the script says of a system."""
    known = {row.name: (row.ids[0], row.since) for row in SYSTEMS}
    host_id, numbers = (known | {one.name: (one.ids[0], one.version) for one in NOT_SUPPORTED})[name]
    version = ".".join(map(str, numbers))
    return f"wcs-os ID {host_id}\nwcs-os ID_LIKE fedora\nwcs-os VERSION_ID {version}\nwcs-os PRETTY_NAME {name}\n"


@pytest.mark.parametrize(("name", "python", "install"), [*product(ROWS, PYTHONS, (True, False))])
def test_a_host_of_the_table_ends_well_or_with_the_commands(name: str, python: str, install: bool) -> None:
    row = ROWS[name]
    choice = choose(HostSystem.parse(system(name) + PYTHONS[python]), "", install)
    if python in WELL:
        assert choice == Choice(WELL[python])
    elif install:
        assert choice == Choice(row.interpreter, row.install_python)
    else:
        assert choice.interpreter == choice.install == ""
        assert f"Run there as root: {row.install_python}; then set" in choice.refusal
        assert f"ansible_python_interpreter to {row.interpreter}." in choice.refusal
        assert "wcs_server_install_python: true" in choice.refusal


@pytest.mark.parametrize(("one", "python", "install"), [*product(NOT_SUPPORTED, PYTHONS, (True, False))])
def test_what_is_not_supported_goes_on_with_a_python_of_its_own_or_says_so(one, python: str, install: bool) -> None:
    choice = choose(HostSystem.parse(system(one.name) + PYTHONS[python]), "", install)
    assert choice == Choice(WELL[python]) if python in WELL else choice.refusal.endswith(str(one))
    assert choice.install == ""


@pytest.mark.parametrize("python", PYTHONS)
def test_an_unknown_system_is_named(python: str) -> None:
    host = HostSystem.parse("wcs-os ID gentoo\nwcs-os PRETTY_NAME Gentoo Linux\n" + PYTHONS[python])
    choice = choose(host, "", True)
    assert choice.install == ""
    assert python in WELL or "Gentoo Linux is not in this role's table: install one" in choice.refusal


AMAZON = system("Amazon Linux 2023")


@pytest.mark.parametrize(
    ("text", "given", "install", "choice"),
    [
        (PYTHONS["3.9"], "/usr/bin/python3", False, Choice()),
        ("wcs-python 3.12.1 ~/venv/bin/python -I\n", "~/venv/bin/python -I", False, Choice()),
        (
            "wcs-python none /usr/bin/python3\n",
            "/usr/bin/python3",
            True,
            Choice("/usr/bin/python3", "dnf install -y python3"),
        ),
        (
            "wcs-python 3.7.16 /opt/python\nwcs-python 3.11.7 /usr/bin/python3.11\n",
            "/opt/python",
            True,
            Choice(
                refusal="its ansible_python_interpreter /opt/python is 3.7.16, and Python 3.9 or later is needed. "
                "Set it to /usr/bin/python3.11"
            ),
        ),
    ],
)
def test_an_interpreter_that_was_named_is_not_replaced(text: str, given: str, install: bool, choice: Choice) -> None:
    assert choose(HostSystem.parse(AMAZON + text), given, install) == choice


def test_what_was_named_and_is_not_there_is_refused_though_one_may_be_installed_elsewhere() -> None:
    choice = choose(HostSystem.parse(AMAZON + "wcs-python none /opt/python\n"), "/opt/python", True)
    assert choice.refusal.startswith("it has no Python 3.9 or later (/opt/python does not run). Run there as root: dnf")


def test_lines_of_a_terminal_and_of_a_login_are_read_past() -> None:
    noisy = "Welcome!\r\n" + (AMAZON + PYTHONS["3.9"]).replace("\n", "\r\n") + "bye\r\n"
    assert HostSystem.parse(noisy) == HostSystem.parse(AMAZON + PYTHONS["3.9"])


@pytest.mark.parametrize("interpreter", ["", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent"])
def test_the_filter_knows_when_ansible_looks_for_itself(interpreter: str) -> None:
    shown = FILTER(AMAZON + PYTHONS["none"], interpreter, True)
    assert shown["python"] == {"interpreter": "/usr/bin/python3", "install": "dnf install -y python3", "refusal": ""}
    assert shown["known"]
    assert shown["jdk"] == "java-17-amazon-corretto-devel"
    assert shown["install"] == ["dnf", "install", "-y"]


def test_the_filter_hands_on_what_is_not_supported() -> None:
    shown = FILTER(system("Amazon Linux 2") + PYTHONS["only 3.11"])
    assert not shown["known"]
    assert shown["unsupported"].startswith("Amazon Linux 2 is not supported: ")
    assert shown["python"] == {"interpreter": "", "install": "", "refusal": ""}


@pytest.mark.parametrize(
    ("python", "answer"),
    [("3.9", True), ("3.8 first, then 3.9", True), ("3.7", False), ("only 3.11", False), ("none", False)],
)
def test_a_script_of_python_is_run_by_name_only_where_python3_is_usable(python: str, answer: bool) -> None:
    assert FILTER(AMAZON + PYTHONS[python])["python3"] is answer


def test_nothing_said_is_no_system() -> None:
    shown = FILTER("")
    assert not shown["known"]
    assert shown["python"]["refusal"].startswith("it has no Python 3.9 or later (none). unknown is not in this")


def test_a_python_is_named_once() -> None:
    choice = choose(HostSystem.parse(AMAZON + PYTHONS["3.7"]), "", False)
    assert choice.refusal.startswith("it has no Python 3.9 or later (/usr/bin/python3 is 3.7.16). Run there as root: ")
