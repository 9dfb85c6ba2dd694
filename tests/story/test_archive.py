"""What a user gets: the archive, built, installed into an empty folder without a network, and usable from there."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.run.archive import ROOT, ansible, build, install, tracked

TRACKED = tracked()
MODULES = sorted(path.stem for path in TRACKED if path.match("plugins/modules/*.py"))
ROLES = sorted(path.parts[1] for path in TRACKED if path.match("roles/*/meta/argument_specs.yml"))
PLAYBOOKS = sorted(path.stem for path in TRACKED if path.parent == Path("playbooks"))
SHIPPED = {
    *{
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "MANIFEST.json",
        "FILES.json",
        "requirements.txt",
        "CONTRIBUTING.md",
        "bindep.txt",
    },
    *{"changelogs", "docs", "meta", "playbooks", "plugins", "roles", "examples"},
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


def test_what_is_installed_is_what_the_archive_lists(user: Path) -> None:
    answer = ansible(user, "ansible-galaxy", "collection", "verify", "--offline", "webcallserver.aws")
    assert "Successfully verified that checksums" in answer


def test_it_is_the_same_whenever_it_is_built(archive: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == archive.read_bytes()
    with tarfile.open(archive) as packed:
        assert {(member.uid, member.gid) for member in packed} == {(0, 0)}


@pytest.fixture(scope="module")
def user(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's empty folder with the archive installed below it."""
    folder = tmp_path_factory.mktemp("user")
    install(archive, folder)
    return folder


def test_the_archive_holds_the_collection_and_nothing_of_the_workshop(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        names = [name.removeprefix("./") for name in tar.getnames() if name not in (".", "./")]
    assert {name.split("/")[0] for name in names} <= SHIPPED
    assert [name for name in names if name.endswith(".pyc") or "__pycache__" in name] == []
    for module in MODULES:
        assert f"plugins/modules/{module}.py" in names


def test_amazon_aws_satisfies_the_declared_dependency(user: Path) -> None:
    installed = json.loads(ansible(user, "ansible-galaxy", "collection", "list", "--format", "json"))
    versions = {name: entry["version"] for path in installed.values() for name, entry in path.items()}
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert versions["webcallserver.aws"] == galaxy["version"]
    lowest = re.fullmatch(r">=(\d+)\.\d+\.\d+", galaxy["dependencies"]["amazon.aws"])
    assert lowest
    assert int(versions["amazon.aws"].split(".")[0]) >= int(lowest[1])


def test_every_module_and_role_has_a_page(user: Path) -> None:
    names = [f"webcallserver.aws.{name}" for name in MODULES]
    pages = json.loads(ansible(user, "ansible-doc", "--json", *names))
    assert sorted(pages) == sorted(names)
    for name, page in pages.items():
        assert page["doc"]["short_description"], name
        assert page["examples"], f"{name} has no examples"
        assert page["return"], f"{name} does not say what it returns"
    roles = json.loads(ansible(user, "ansible-doc", "--json", "-t", "role", "-l", "webcallserver.aws"))
    assert sorted(roles) == [f"webcallserver.aws.{name}" for name in ROLES]


def test_every_playbook_runs_by_name(user: Path) -> None:
    assert "site" in PLAYBOOKS
    for name in PLAYBOOKS:
        ansible(user, "ansible-playbook", f"webcallserver.aws.{name}", "--syntax-check", "-i", "localhost,")


def test_a_user_may_import_the_playbook_into_a_file_of_his_own(user: Path) -> None:
    (user / "site.yml").write_text("---\n- name: The whole stack\n  import_playbook: webcallserver.aws.site\n")
    ansible(user, "ansible-playbook", "site.yml", "--syntax-check", "-i", "localhost,")
