"""The password of the command line: ssh is given it as each version of OpenSSH takes it, and it is shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from plugins.modules import wcs_cli_password

SSH = """\
#!/bin/sh
# A server behind an ssh that asks for a password as OpenSSH {version} does where there is no terminal.
case "{version}" in
  8.0) [ -n "${{DISPLAY:-}}" ] && [ -n "${{SSH_ASKPASS:-}}" ] || {{ echo "Permission denied" >&2; exit 255; }} ;;
  *) [ "${{SSH_ASKPASS_REQUIRE:-}}" = force ] || {{ echo "Permission denied" >&2; exit 255; }} ;;
esac
[ "$("$SSH_ASKPASS")" = "$(cat {folder}/password)" ] || {{ echo "Permission denied (password)." >&2; exit 255; }}
printf '> '
while read -r line; do
  case "$line" in
    exit) exit 0 ;;
    passwd*) printf 'New password: '; read -r new; printf 'Again: '; read -r again
      [ "$new" = "$again" ] && printf '%s' "$new" >{folder}/password; printf 'ok\n> ' ;;
  esac
done
"""


@pytest.fixture(params=["8.0", "8.7", "9.6"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the server's password, which an ssh first on the path leads to."""
    (tmp_path / "password").write_text("admin")
    (tmp_path / "ssh").write_text(SSH.format(version=request.param, folder=tmp_path))
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("DISPLAY", raising=False)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], check: bool = False, **options: Any) -> dict[str, Any]:
    with patch_module_args({**options, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        wcs_cli_password.main()
    text = capsys.readouterr().out
    assert "canary" not in text
    return json.loads(text)


def test_it_is_changed_once_whatever_ssh_there_is(server: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, check=True, password="canary-1")["changed"]
    assert (server / "password").read_text() == "admin"
    assert run(capsys, password="canary-1")["changed"]
    assert (server / "password").read_text() == "canary-1"
    assert not run(capsys, password="canary-1")["changed"]


def test_without_either_password_it_says_so(server: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (server / "password").write_text("another")
    answer = run(capsys, password="canary-1", old_password="canary-0")
    assert answer["msg"].startswith("Cannot change the password of command line user 'admin': neither")
