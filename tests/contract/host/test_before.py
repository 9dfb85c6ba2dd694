"""What the role wcs_server asks a host before it changes anything: what an earlier run left to be done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import standin

BEFORE = Path(__file__).parents[3] / "roles" / "wcs_server" / "files" / "wcs_before.py"
READ = ("flashphoner.properties", "wcs-core.properties")
ABSENT = ("wss.jks", "flashphoner.license")
MARK = ".wcs-unfinished"


def asked(home: Path) -> dict[str, Any]:
    """What the host says."""
    conf = home / "conf"
    reads = [str(conf / name) for name in (*READ, *ABSENT)]
    command = [sys.executable, str(BEFORE), "--home", str(home), "--unfinished", str(conf / MARK), "--reads", *reads]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def left(home: Path) -> tuple[bool, bool]:
    """Whether an earlier run is unfinished, and whether the server has to be restarted for it."""
    answer = asked(home)
    return answer["unfinished"], answer["restart"]


@pytest.mark.parametrize("name", READ)
def test_what_a_run_wrote_that_did_not_come_to_its_end_is_read_by_a_restart(tmp_path, name):
    with standin.machines(tmp_path) as install:
        server = install().start()
        mark, file = server.home / "conf" / MARK, server.home / "conf" / name
        os.utime(file)
        assert left(server.home) == (False, False), "written by somebody else, whom we do not serve"
        mark.touch()
        assert left(server.home) == (True, True)
        os.utime(file, (time.time() - 3600,) * 2)
        assert left(server.home) == (True, False), "the server was started after it was written"
        os.utime(file)
        server.verb("stop")
        assert left(server.home) == (True, False), "started, it reads all"
        server.start()
        assert left(server.home) == (True, False)
    assert "restart" in asked(tmp_path / "no-home")
