"""The archive as a user gets it: built from the tracked files alone, installed without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def tracked() -> list[Path]:
    """The tracked files that are there, relative to the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def ansible(folder: Path, *command: str) -> str:
    """What an Ansible command of this environment prints in a folder that knows only what is installed below it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "AWS_"))}
    mine = {"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"), "ANSIBLE_HOME": f"{folder}-home"}
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=folder, env=kept | mine, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(into: Path) -> Path:
    """The archive of the tracked files as they are in the working tree."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch)
        for path in tracked():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes((ROOT / path).read_bytes())
        ansible(source, "ansible-galaxy", "collection", "build", "--output-path", str(into))
    (made,) = into.glob("webcallserver-aws-*.tar.gz")
    return made


def install(archive: Path, folder: Path) -> None:
    """Installs it below `folder`; amazon.aws comes with the `ansible` package."""
    ansible(folder, "ansible-galaxy", "collection", "install", "--offline", str(archive), "-p", "collections")
