"""wcs_steward: what its runs of the playbook scale_in are told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from tests.support.site_options import our_filters, read, trusted

ROLE = "roles/wcs_steward"


def handed_on(**variables: Any) -> dict[str, Any]:
    """The variables in the steward's file, as Ansible works them out."""
    have = trusted(read(f"{ROLE}/defaults/main.yml") | read(f"{ROLE}/vars/main.yml"))
    known = Templar(loader=DataLoader(), variables=have | {"wcs_steward_sessions_per_node": 200} | variables)
    with our_filters():
        found: dict[str, Any] = known.template(trusted("{{ __wcs_steward_handed_on }}"))
    return found


@pytest.mark.parametrize("allow", [True, "yes", False, "no"])
def test_v10_the_limit_of_licences_binds_its_runs(allow: Any) -> None:
    found = handed_on(wcs_licence_limit="4", wcs_licence_allow_over=allow)
    assert (found["wcs_licence_limit"], found["wcs_licence_allow_over"]) == (4, allow in (True, "yes"))
    assert found["wcs_scale_in_count"] == "surplus"


def test_without_a_limit_none_is_said_and_its_own_variables_go_over_all() -> None:
    assert {"wcs_licence_limit", "wcs_licence_allow_over"} & set(handed_on()) == set()
    more = {"wcs_licence_limit": 2, "wcs_verify_address": "private"}
    found = handed_on(wcs_licence_limit=4, wcs_steward_variables=more)
    assert (found["wcs_licence_limit"], found["wcs_verify_address"]) == (2, "private")
