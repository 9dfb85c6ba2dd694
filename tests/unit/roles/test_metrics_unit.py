"""The unit of `wcs-metrics`: its environment as systemd reads it, and what is refused of it."""

from __future__ import annotations

import codecs
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support.site_options import our_filters, read, trusted
from tests.support.specs import ROOT

UNIT = ROOT / "roles" / "wcs_server" / "templates" / "wcs-metrics.service.j2"
KNOWN = {
    "ansible_managed": "Ansible",
    "role_path": str(ROOT / "roles" / "wcs_server"),
    "__wcs_server_metrics_python": "/usr/bin/python3",
}


def rendered(text: str, **variables: Any) -> Any:
    ours = read("roles/wcs_server/defaults/main.yml") | read("roles/wcs_server/vars/main.yml")
    known = Templar(loader=DataLoader(), variables=trusted(ours) | KNOWN | variables)
    with our_filters():
        return known.template(trust_as_template(text))


def environment(**variables: Any) -> dict[str, str]:
    """What systemd makes of the lines: quotes and backslashes as in C, and a specifier after a percent sign."""
    lines = rendered(UNIT.read_text(), **variables).splitlines()
    found = {}
    for line in lines:
        key, _, value = line.partition("=")
        if key == "Environment":
            assert (value[0], value[-1]) == ('"', '"')
            word = codecs.decode(value[1:-1], "unicode_escape")
            assert "%" not in word.replace("%%", "")
            name, _, found_value = word.replace("%%", "%").partition("=")
            found[name] = found_value
    return found


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "localhost,.example.com"},
        {"A": "50 % of it", "HTTPS_PROXY": "http://a%40b:c@proxy:3128", "QUOTED": '"it\'s" \\n $HOME', "EMPTY": ""},
    ],
)
def test_its_environment_is_what_was_given(given: dict[str, str]) -> None:
    assert environment(wcs_server_metrics_environment=given) == given


def test_without_one_there_is_no_line_of_it() -> None:
    assert "Environment" not in rendered(UNIT.read_text())


@pytest.mark.parametrize(
    ("given", "fine"),
    [
        ({}, True),
        ({"HTTPS_PROXY": "http://proxy:3128", "_x1": ""}, True),
        ({"HTTPS-PROXY": "x"}, False),
        ({"1A": "x"}, False),
        ({"A=B": "x"}, False),
        ({"A\n": "x"}, False),
        ({"": "x"}, False),
    ],
)
def test_names_that_no_environment_has_are_refused(given: dict[str, str], fine: bool) -> None:
    refused = rendered("{{ __wcs_server_refusals }}", wcs_server_metrics_environment=given)
    assert (refused == []) is fine, refused
    if not fine:
        assert refused[0].startswith("Cannot use wcs_server_metrics_environment: ")
