"""The archive as a user gets it: built from the tracked files alone, installed without a network.

python -m tests.run.archive dist    builds it into dist/
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
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
    """The archive of the tracked files as they are in the working tree, settled."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch)
        for path in tracked():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes((ROOT / path).read_bytes())
        ansible(source, "ansible-galaxy", "collection", "build", "--output-path", str(into))
    (made,) = into.glob("webcallserver-aws-*.tar.gz")
    made.write_bytes(settled(made))
    return made


def settled(archive: Path) -> bytes:
    """The archive with all that hangs on when and where it was built made even: dates, and the order of files."""
    committed = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(archive) as old:
        parts = {one.name: (one, file.read() if (file := old.extractfile(one)) else b"") for one in old}
    listed, manifest = (json.loads(parts[name][1]) for name in ("FILES.json", "MANIFEST.json"))
    listed["files"].sort(key=lambda one: one["name"])
    files = json.dumps(listed, indent=1).encode()
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files).hexdigest()
    fresh = {"FILES.json": files, "MANIFEST.json": json.dumps(manifest, indent=1).encode()}
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as new,
    ):
        for name, (member, data) in sorted(parts.items()):
            text = fresh.get(name, data)
            member.mtime, member.size, member.pax_headers = int(committed), len(text), {}  # these have the date, too
            new.addfile(member, io.BytesIO(text))
    return packed.getvalue()


def install(archive: Path, folder: Path) -> None:
    """Installs it below `folder`; amazon.aws comes with the `ansible` package."""
    ansible(folder, "ansible-galaxy", "collection", "install", "--offline", str(archive), "-p", "collections")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(exist_ok=True)
    for older in target.glob("webcallserver-aws-*.tar.gz"):
        older.unlink()
    built = build(target.resolve())
    print(f"{hashlib.sha256(built.read_bytes()).hexdigest()}  {target / built.name}")
