"""`wcs-first-boot` in a folder that stands for a host: who gets new ssh host keys, and who keeps those it has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "roles/wcs_server/files/wcs-first-boot"
CARD = "0a:1b:2c:3d:4e:5f"
OTHER = "0a:1b:2c:3d:4e:60"


class Host:
    """A host whose files lie in a folder."""

    def __init__(self, folder: Path, cards: dict[str, str], bridges: tuple[str, ...] = ()) -> None:
        self.folder = folder
        for part in ("etc/ssh", "var/lib/webcallserver", "var/log/journal/old", "var/log/journal/mine", "bin"):
            (folder / part).mkdir(parents=True)
        (folder / "etc/machine-id").write_text("mine\n")
        (folder / "etc/ssh/ssh_host_ed25519_key").write_text("of the seed")
        self.plug(cards)
        for bridge in bridges:
            (folder / "sys/class/net" / bridge).mkdir(parents=True)
            (folder / "sys/class/net" / bridge / "address").write_text(f"{CARD}\n")
        keygen = folder / "bin/ssh-keygen"
        keygen.write_text(f"#!/bin/sh\necho new >{folder}/etc/ssh/ssh_host_ed25519_key\n")
        keygen.chmod(0o755)
        text = SCRIPT.read_text()
        for top in ("/etc/", "/var/", "/sys/"):
            for before in (" ", "=", '"'):
                text = text.replace(f"{before}{top}", f"{before}{folder}{top}")
        self.script = folder / "wcs-first-boot"
        self.script.write_text(text)

    def plug(self, cards: dict[str, str]) -> None:
        for name, address in cards.items():
            (self.folder / "sys/class/net" / name / "device").mkdir(parents=True, exist_ok=True)
            (self.folder / "sys/class/net" / name / "address").write_text(f"{address}\n")

    def run(self, *options: str) -> None:
        path = f"{self.folder}/bin:/usr/bin:/bin"
        subprocess.run(["/bin/sh", str(self.script), *options], check=True, env={"PATH": path}, timeout=30)

    @property
    def key(self) -> str:
        return (self.folder / "etc/ssh/ssh_host_ed25519_key").read_text().strip()

    @property
    def signed(self) -> bool:
        return (self.folder / "var/lib/webcallserver/first-boot").exists()


@pytest.mark.parametrize(
    ("seed", "clone", "key"),
    [
        ({"ens5": CARD}, {"ens5": CARD}, "of the seed"),  # the seed itself, started again
        ({"ens5": CARD}, {"ens5": OTHER}, "new"),
        ({"ens5": CARD}, {"ens5": CARD, "ens6": OTHER}, "new"),
        ({}, {}, "new"),  # nothing tells them apart, as in a container
    ],
)
def test_only_the_imaged_host_itself_keeps_its_keys(
    tmp_path: Path, seed: dict[str, str], clone: dict[str, str], key: str
) -> None:
    host = Host(tmp_path, seed, bridges=("docker0",))
    host.run("--sign")
    assert (host.signed, host.key) == (True, "of the seed")
    host.plug(clone)
    host.run()
    assert (host.signed, host.key) == (False, key)


def test_a_clone_keeps_no_journal_of_the_seed(tmp_path: Path) -> None:
    host = Host(tmp_path, {"ens5": CARD})
    host.run("--sign")
    host.plug({"ens5": OTHER})
    host.run()
    assert [folder.name for folder in (tmp_path / "var/log/journal").iterdir()] == ["mine"]
