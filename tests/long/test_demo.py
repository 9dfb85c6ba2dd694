"""`make demo` as a whole: it shows what it promises, keeps to its folder and to loopback, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.playbooks import ROOT, environment

LISTEN = "0A"
OUTSIDE = ("/etc", "/usr/local", "/opt", "/srv")


class Watched:
    """A demonstration under way, and what is seen of it from outside."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        env = {**environment(folder), "HOME": str(home)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lab.demo", "--dir", str(folder)],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self.listening: set[str] = set()

    def answer(self) -> Iterator[str]:
        """The lines it prints, as they come; after each one, who listens is looked at."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith(("==", "TASK", "PLAY")):
                self.listening |= self.listeners()
            yield line

    def processes(self) -> list[int]:
        """The processes that belong to it: its folder is in their command or environment."""
        mark = str(self.folder).encode()
        return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _bears(folder, mark)]

    def gone(self, seconds: float = 20.0) -> list[str]:
        """The commands of those of its processes that are still there after so many seconds: none, it is hoped."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return [f"{pid} {Path(f'/proc/{pid}/cmdline').read_bytes()!r}" for pid in left]

    def listeners(self) -> set[str]:
        """The addresses that its processes listen on."""
        sockets = {name for pid in self.processes() for name in _open_sockets(pid)}
        found = set()
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN and fields[9] in sockets:
                    found.add(fields[1].partition(":")[0])
        return found

    def stop(self) -> None:
        """Ends it, if it has not ended."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)


def _bears(process: Path, mark: bytes) -> bool:
    try:
        return mark in (process / "cmdline").read_bytes() or mark in (process / "environ").read_bytes()
    except OSError:
        return False


def _open_sockets(pid: int) -> set[str]:
    found = set()
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if match := re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink())):
                found.add(match[1])
    except OSError:
        return found
    return found


def _state(*roots: str | Path) -> dict[str, tuple[float, int]]:
    """When each file below was changed, and its size; what tools cache is left out."""
    left_out = {".git", ".venv", "__pycache__", ".ansible", ".mypy_cache", ".ruff_cache", "build", "dist"}
    found = {}
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in left_out and not name.startswith(".lab")]
            for name in names:
                path = Path(folder) / name
                try:
                    about = path.lstat()
                except OSError:
                    continue
                found[str(path)] = (about.st_mtime, about.st_size)
    return found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Watched]:
    home = tmp_path / "home"
    home.mkdir()
    watched = Watched(tmp_path / "lab", home)
    try:
        yield watched
    finally:
        watched.stop()
        subprocess.run(
            [sys.executable, "-m", "lab", "down", "--dir", str(watched.folder)],
            cwd=ROOT,
            check=False,
            capture_output=True,
        )


def test_it_shows_the_whole_story_and_keeps_to_itself(demo: Watched, tmp_path: Path) -> None:
    before = _state(*OUTSIDE, ROOT)
    for _ in demo.answer():
        pass
    text = "".join(demo.lines)
    assert demo.process.wait(30) == 0, text
    assert "No write call was made." in text
    assert "A further node" in text or "It has come." in text
    assert "Nothing of the stack is left." in text
    grown = text[text.index("Load:") : text.index("teardown:")]
    counts = [int(count) for count in re.findall(r"connections_websocket=(\d+)", grown.partition("It has come")[2])]
    assert len(counts) >= 3
    assert sum(counts) == 240
    assert min(counts) > 0
    assert demo.listening, "nobody was seen to listen: the watch is broken"
    assert {address for address in demo.listening if not address.endswith("7F")} == set(), "beyond loopback"
    after = _state(*OUTSIDE, ROOT)
    assert sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)) == []
    assert {path.name for path in (tmp_path / "home").iterdir()} <= {".ansible"}
    assert demo.gone() == []


def test_interrupted_it_leaves_nothing_and_begins_again(demo: Watched) -> None:
    for line in demo.answer():
        if (
            "Configure WCS" in line
            or "Set the settings" in line
            or line.startswith("TASK [webcallserver.aws.wcs_server")
        ):
            os.killpg(demo.process.pid, signal.SIGINT)
            break
    rest = demo.process.communicate(timeout=90)[0]
    assert demo.process.returncode == 130, rest
    assert demo.gone() == []
    again = subprocess.run(
        [sys.executable, "-m", "lab", "up", "--dir", str(demo.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert again.returncode == 0, again.stderr
