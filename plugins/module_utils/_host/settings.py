# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of Web Call Server by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.errors import Failure, Refusal
from . import properties
from .module import Change, Host, text_of

ARGUMENTS: dict[str, Any] = {
    "home": {"type": "path", "default": "/usr/local/FlashphonerWebCallServer"},
    "settings": {"type": "dict", "default": {}},
    "secret_settings": {"type": "dict", "default": {}, "no_log": True},
}


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The change of the file that these options ask for."""
    path = Path(params["home"]) / "conf" / "flashphoner.properties"
    secrets = _wanted(params["secret_settings"])
    host.hide(value for value in secrets.values() if value)
    before = text_of(path, "the settings", host.check)
    after = properties.edited(before, {**_wanted(params["settings"]), **secrets})
    keys = properties.changed_keys(before, after)
    return Change(
        act=(lambda: host.write(path, after)) if after != before else None,
        before=properties.masked(before, secrets),
        after=properties.masked(after, secrets, keys),
        thing=str(path),
        returns={"path": str(path), "keys": keys},
    )


def _wanted(settings: Mapping[str, Any]) -> dict[str, str | None]:
    return {str(key): _spelled(str(key), value) for key, value in settings.items()}


def _spelled(key: str, value: Any) -> str | None:
    try:
        return properties.spelled(value)
    except ValueError as error:
        raise Failure(Refusal("write", "the setting", key, str(error), "Use one plain value")) from error
