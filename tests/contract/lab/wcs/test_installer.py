"""The stand-in's installer: the vendor's tree and behaviour, below a folder of the test's instead of the system."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from lab import wcs

OLD, NEW, NEXT_BRANCH = "5.2.1900", "5.2.1977", "5.3.10"
JAVA = "#!/bin/sh\necho 'openjdk version \"{}\"' >&2\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder to install below, and Java 17."""
    (tmp_path / "root/usr/local").mkdir(parents=True)
    java(tmp_path, "17.0.9")
    return tmp_path


def java(machine: Path, version: str) -> None:
    command = machine / "path/java"
    command.parent.mkdir(exist_ok=True)
    command.write_text(JAVA.format(version))
    command.chmod(0o755)


def unpacked(machine: Path, version: str) -> Path:
    with tarfile.open(wcs.tarball(machine, version)) as tar:
        tar.extractall(machine, filter="fully_trusted")
    return machine / f"{wcs.PRODUCT}-{version}"


def install(machine: Path, version: str, *options: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    folder = unpacked(machine, version)
    environment = {
        "PATH": f"{machine}/path{os.pathsep}{os.environ['PATH']}{os.pathsep}/usr/sbin",
        "WCS_ROOT": f"{machine}/root",
    }
    return subprocess.run(
        [f"{folder}/install.sh", *options],
        cwd=cwd or folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def home(machine: Path) -> Path:
    return machine / "root/usr/local" / wcs.PRODUCT


def test_the_archive_is_the_vendors_and_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first, again = wcs.tarball(tmp_path, NEW), wcs.tarball(tmp_path / "again", NEW)
    assert first.name == f"{wcs.PRODUCT}-{NEW}.tar.gz"
    assert first.read_bytes() == again.read_bytes()
    with tarfile.open(first) as tar:
        names = set(tar.getnames())
    root = f"{wcs.PRODUCT}-{NEW}"
    for name in ("install.sh", "uninstall.sh", "WCS.version", "client", "client2", "server/bin/webcallserver"):
        assert f"{root}/{name}" in names
    assert f"{root}/scripts/systemd/webcallserver.service" in names
    assert not any("__pycache__" in name for name in names)


def test_it_installs_what_the_lab_installs_and_enables_nothing(machine: Path) -> None:
    done = install(machine, NEW, "-silent")
    assert done.returncode == 0, done.stdout + done.stderr
    assert home(machine).readlink() == Path(f"{wcs.PRODUCT}-{NEW}")
    laid_out = wcs.install(machine / "other", NEW)
    installed = {str(path.relative_to(home(machine))) for path in home(machine).rglob("*")}
    assert {str(path.relative_to(laid_out)) for path in laid_out.rglob("*")} <= installed
    assert (home(machine) / "conf/WCS.version").read_text() == f"{NEW}-standin\n"
    units = machine / "root/etc/systemd/system"
    assert [path.name for path in units.iterdir()] == ["webcallserver.service"]


def test_only_from_its_own_folder_and_only_with_options_it_knows(machine: Path) -> None:
    elsewhere = install(machine, NEW, "-silent", cwd=machine)
    assert (elsewhere.returncode, "in the folder it was unpacked to" in elsewhere.stdout) == (1, True)
    unknown = install(machine, NEW, "-quiet")
    assert (unknown.returncode, "usage" in unknown.stdout) == (1, True)
    assert not home(machine).exists()


def test_the_same_version_again_is_an_error(machine: Path) -> None:
    install(machine, NEW, "-silent")
    again = install(machine, NEW, "--silent")
    assert (again.returncode, "already installed" in again.stdout) == (1, True)


@pytest.mark.parametrize("version", ["1.7.0_80", "1.6.0"])
def test_an_old_java_is_refused(machine: Path, version: str) -> None:
    java(machine, version)
    done = install(machine, NEW, "-silent")
    assert (done.returncode, "java 8 or later is required" in done.stdout) == (1, True)
    assert not home(machine).exists()


def test_an_update_keeps_what_was_configured(machine: Path) -> None:
    install(machine, OLD, "-silent")
    settings = home(machine) / "conf/flashphoner.properties"
    settings.write_text("http.port=9091\n")
    (home(machine) / "conf/log4j.properties").unlink()
    (home(machine) / "lib/custom/mine.jar").write_text("mine")
    (home(machine) / "lib/webcallserver.py").write_text("old")
    with (home(machine) / "bin/setenv.sh").open("a") as setenv:
        setenv.write("# mine\n")
    done = install(machine, NEW, "-silent")
    assert done.returncode == 0, done.stdout + done.stderr
    assert home(machine).readlink() == Path(f"{wcs.PRODUCT}-{NEW}")
    assert sorted(path.name for path in home(machine).parent.iterdir()) == [wcs.PRODUCT, f"{wcs.PRODUCT}-{NEW}"]
    assert settings.read_text() == "http.port=9091\n"
    assert (home(machine) / "conf/log4j.properties").exists()
    assert (home(machine) / "lib/custom/mine.jar").read_text() == "mine"
    assert (home(machine) / "lib/webcallserver.py").read_text() != "old"
    assert "# mine" in (home(machine) / "bin/setenv.sh").read_text()
    assert f"{OLD} -> {NEW}" in (home(machine) / "logs/update.log").read_text()
    install(machine, NEXT_BRANCH, "-silent")
    assert "# mine" not in (home(machine) / "bin/setenv.sh").read_text()
