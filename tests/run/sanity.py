"""`ansible-test sanity` on a copy of the tracked files that ship, in build/, with amazon.aws beside it.

ansible-test refuses a linked tree, wants a git repository, and fetches pip from a host of its own into the user's home:
so the copy is a repository, and the home a folder in build/ where Python's own pip waits under the name looked for.
Arguments are handed on: `python tests/run/sanity.py --test pep8`.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ansible_collections.amazon.aws as amazon_aws
from ansible_test._internal.python_requirements import get_venv_packages

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
COPY = BUILD / "ansible_collections" / "webcallserver" / "aws"
HOME = BUILD / "sanity-home"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # others on the path may be shims that lead nowhere
SHIPPED = [
    *(".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "galaxy.yml", "requirements.txt"),
    *("changelogs", "docs", "meta", "playbooks", "plugins", "roles"),
    *("tests/config.yml", "tests/sanity/ignore-*.txt"),
]
LEFT_OUT = (
    "no-assert",  # ruff asks the same (S101), and takes a reason on the line
    "pslint",  # there is no PowerShell here
    "use-argspec-type-path",  # no argument spec can say that the values of a dictionary are paths
)
WAIVED = {  # by pylint's own names; ansible-test knows no settings for it but a line a file
    "disallowed-name": "`_` is what Python calls a value that nobody reads",
    "unreachable": "mypy cannot know that exit_json of amazon.aws's untyped class does not return",
    "unsupported-binary-operation": "judged as Python 3.8; X | Y on types needs 3.10, which tests/config.yml asks for",
}
GET_PIP = """\
import subprocess, sys
packages = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
try:
    options = ("--quiet", "--system-certs", "--python", sys.executable)
    subprocess.check_call([{uv!r}, "pip", "install", *options, *packages])
except (OSError, subprocess.CalledProcessError):
    subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
    subprocess.check_call([sys.executable, "-m", "pip", "install", *packages])
"""


def tracked() -> list[str]:
    """The tracked files that ship and are there, relative to the project."""
    listed = subprocess.run(["git", "ls-files", "-z", *SHIPPED], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def copy(names: list[str]) -> None:
    """The copy holds these files and no others; what ansible-test keeps in tests/output between runs stays."""
    wanted = set(names)
    for there in COPY.rglob("*"):
        name = there.relative_to(COPY).as_posix()
        if there.is_file() and name not in wanted and not name.startswith((".git/", "tests/output/")):
            there.unlink()
    for name in names:
        source, target = ROOT / name, COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or not filecmp.cmp(source, target, shallow=False):
            shutil.copy2(source, target)
    if not (COPY / ".git").exists():
        subprocess.run(["git", "init", "--quiet"], cwd=COPY, check=True)


def lend_amazon_aws() -> None:
    """amazon.aws stands beside the copy, as installed in this environment."""
    link = BUILD / "ansible_collections" / "amazon" / "aws"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(Path(next(iter(amazon_aws.__path__))), target_is_directory=True)


def prepare_home() -> None:
    """A home in build/ where ansible-test finds pip's bootstrap, and pip the user's settings."""
    version = get_venv_packages(SimpleNamespace(version=PYTHON))["pip"]
    cached = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_text(GET_PIP.format(uv=str(Path(sys.executable).parent / "uv")))
    (HOME / ".pip").mkdir(exist_ok=True)
    (HOME / ".pip" / "pip.conf").write_text("[global]\nquiet = 2\n")
    settings = Path.home() / ".config" / "pip"
    if settings.is_dir() and not (HOME / ".config" / "pip").exists():
        (HOME / ".config").mkdir(exist_ok=True)
        (HOME / ".config" / "pip").symlink_to(settings)


def sanity(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """`ansible-test sanity` in the copy, with a home of its own."""
    program = str(Path(sys.executable).parent / "ansible-test")
    command = [program, "sanity", "--venv", "--python", PYTHON, "--color", "no", *arguments]
    return subprocess.run(command, cwd=COPY, env={**os.environ, "HOME": str(HOME)}, check=False, text=True, **how)


def pylint() -> int:
    """1 when pylint finds what is not waived, and prints it."""
    done = sanity("--test", "pylint", "--lint", capture_output=True)
    found = [line for line in done.stdout.splitlines() if ": " in line]
    serious = [line for line in found if line.split(": ")[1] not in WAIVED]
    print("\n".join(['Running sanity test "pylint"', *serious]))
    if done.returncode and not found:
        print(done.stderr)
        return 1
    return int(bool(serious))


def main(arguments: list[str]) -> int:
    copy(tracked())
    lend_amazon_aws()
    prepare_home()
    if arguments:
        return sanity(*arguments).returncode
    skipped = [word for test in (*LEFT_OUT, "pylint") for word in ("--skip-test", test)]
    return sanity(*skipped).returncode | pylint()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
