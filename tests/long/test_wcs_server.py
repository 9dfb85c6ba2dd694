"""The role wcs_server on a stand-in's home: configured, proven, cleaned; what was not named is not touched."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugins.module_utils._host import service
from tests.support import standin
from tests.support.playbooks import BIN, ROOT, Played, environment, played

CANARIES = {
    "wcs_server_secret_settings": {"rest_hook_secret_key": "CANARY-HOOK-4711"},
    "wcs_server_licence_key": "CANARY-LICENCE-4712",
}


class Host:
    """A stand-in's home, managed by the role as a host called node-1."""

    def __init__(self, folder: Path, server: standin.StandIn) -> None:
        self.folder, self.server = folder, server
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "wcs_server_home": str(server.home.parent / "FlashphonerWebCallServer"),
            "wcs_server_service": "script",
            "wcs_server_host_setup": False,
            "wcs_server_identity": False,
            "wcs_server_address": server.private_ip,
        }
        (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"node-1": host}}}))
        self.playbook("main")
        self.playbook("clean", "clean")

    def playbook(self, name: str, entry: str = "main") -> None:
        role = {"name": "webcallserver.aws.wcs_server", "tasks_from": entry}
        task = {"name": "The role", "ansible.builtin.include_role": role}
        play = [{"hosts": "all", "gather_facts": False, "force_handlers": True, "tasks": [task]}]
        (self.folder / f"{name}.yml").write_text(yaml.safe_dump(play))

    def run(
        self,
        name: str,
        *options: str,
        callback: str = "ansible.posix.json",
        settings: Mapping[str, str] | None = None,
        **variables: Any,
    ) -> Played:
        command = [f"{BIN}/ansible-playbook", "-i", f"{self.folder}/hosts.yml", f"{self.folder}/{name}.yml", *options]
        env = {**environment(self.folder), "ANSIBLE_STDOUT_CALLBACK": callback, "ANSIBLE_PIPELINING": "true"}
        env.update(settings or {})
        done = subprocess.run(
            [*command, "-e", json.dumps(variables)], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        return played(done)

    def conf(self, name: str) -> str:
        return (self.server.home / "conf" / name).read_text()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("server")
    with standin.machines(folder) as install:
        yield Host(folder, install())


def test_it_configures_and_proves_and_is_done(host):
    stock = host.conf("flashphoner.properties")
    by_hand = stock.replace("rest_max_connections    =200", "rest_max_connections    =321  ")
    (host.server.home / "conf" / "flashphoner.properties").write_text(by_hand)
    first = host.run("main", wcs_server_settings={"media_port_to": 31500})
    assert first.code == 0, first.failure
    assert "was established and closed" in first.said("WCS is ready for the balancer")
    assert host.conf("flashphoner.properties") == by_hand.replace("32000", "31500")
    again = host.run("main", wcs_server_settings={"media_port_to": 31500})
    assert (again.code, again.changed) == (0, []), again.failure


def test_no_secret_is_told_however_talkative_the_run(host, tmp_path):
    certificate, key = standin.certificate_for("wcs.example.org", days=30)
    (tmp_path / "wss.pem").write_bytes(certificate)
    (tmp_path / "wss.key").write_bytes(key)
    tls = {
        "wcs_server_certificate": str(tmp_path / "wss.pem"),
        "wcs_server_certificate_key": str(tmp_path / "wss.key"),
        "wcs_server_websocket_port": 8443,
        "wcs_server_websocket_tls": True,
    }
    answer = host.run("main", "-vvv", "--diff", callback="default", **tls, **CANARIES)
    assert answer.code == 0, answer.text[-3000:]
    assert "CANARY" not in answer.text
    assert "PRIVATE KEY" not in answer.text
    assert "CANARY-HOOK-4711" in host.conf("flashphoner.properties")
    assert (host.server.home / "conf" / "flashphoner.license").exists()


WRONG: dict[str, dict[str, Any]] = {
    "it is not a size": {"wcs_server_heap": "lots"},
    "beginning with '-'": {"wcs_server_jvm_options": ["Xmx3g"]},
    "it is a mapping": {"wcs_server_settings": {"hooks": {"on": True}}},
    "it has a line break": {"wcs_server_secret_settings": {"rest_hook_secret_key": "CANARY\nHOOK"}},
}
"""Variables that no host can be given, by what is said of them."""


@pytest.mark.parametrize("words", WRONG)
def test_what_cannot_be_laid_down_is_said_before_anything_is(host, words):
    before = {path.name: path.read_bytes() for path in (host.server.home / "conf").iterdir() if path.is_file()}
    good = {"wcs_server_settings": {"rest_max_connections": 77}} if "wcs_server_settings" not in WRONG[words] else {}
    answer = host.run("main", **good, **WRONG[words])
    assert words in answer.failure
    assert "CANARY" not in answer.text
    assert before == {path.name: path.read_bytes() for path in (host.server.home / "conf").iterdir() if path.is_file()}
    host.playbook("fingerprint", "fingerprint")
    known = host.run("fingerprint", **good, **WRONG[words])
    (unfit,) = [found for task in known.tasks for found in [task.result.get("ansible_facts", {})] if found]
    assert [words in sentence for sentence in unfit["__wcs_server_unfit"]] == [True], "nor is a seed launched for it"


def test_a_host_that_shall_not_learn_its_addresses_any_more_does_not(host):
    program = host.server.home / "bin" / "wcs-identity"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    dry = host.run("main", "--check")
    assert "Remove bin/wcs-identity" in str(dry.changed)
    assert program.exists()
    assert host.run("main").code == 0
    assert not program.exists()
    assert host.run("main").changed == []


def test_it_is_the_same_whatever_the_repository_has_set(host):
    others = {"ANSIBLE_INJECT_FACT_VARS": "false", "ANSIBLE_HASH_BEHAVIOUR": "merge", "ANSIBLE_STRATEGY": "free"}
    asked = {"wcs_server_settings": {"rest_max_connections": 55}, "wcs_server_jvm_options": ["-Dx=y"]}
    first = host.run("main", settings=others, **asked)
    assert first.code == 0, first.failure
    again = host.run("main", **asked)
    assert (again.code, again.changed) == (0, []), again.failure


def test_a_setting_that_keeps_it_from_starting_is_told_with_the_log(host):
    wrong = host.run("main", wcs_server_settings={"media_port_to": 100})
    assert wrong.code != 0
    for words in (
        "Cannot use WCS on 'node-1'",
        "connection refused",
        "WCS is not running",
        "lower than media_port_from",
    ):
        assert words in wrong.failure
    assert host.run("main", wcs_server_settings={"media_port_to": 32000}).code == 0


def test_what_publishes_its_sessions_lies_in_its_home(host):
    asked = {"wcs_server_metrics": True, "wcs_server_metrics_period": 10, "wcs_server_metrics_group": "wcs"}
    first = host.run("main", **asked)
    assert first.code == 0, first.failure
    again = host.run("main", **asked)
    assert (again.code, again.changed) == (0, []), again.failure
    assert json.loads(host.conf("wcs-metrics.json")) == {"period": 10, "port": 8081, "group": "wcs", "endpoint_url": ""}
    program = host.server.home / "bin" / "wcs-metrics"
    nowhere = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"}
    once = subprocess.run([sys.executable, program, "--once"], env=nowhere, capture_output=True, text=True, check=False)
    assert once.returncode == 1
    assert once.stdout.startswith("wcs-metrics: nothing is published: the metadata service is not reached")


def test_what_it_publishes_counts_in_its_fingerprint(host):
    host.playbook("fingerprint", "fingerprint")

    def fingerprint(**variables):
        answer = host.run("fingerprint", **variables)
        assert answer.code == 0, answer.failure
        return next(task.result["fingerprint"] for task in answer.tasks if "fingerprint" in task.result)

    plain = fingerprint()
    assert fingerprint(wcs_server_metrics=False, wcs_server_metrics_period=10) == plain
    on = [
        fingerprint(wcs_server_metrics=True),
        fingerprint(wcs_server_metrics=True, wcs_server_metrics_period=10),
        fingerprint(wcs_server_metrics=True, wcs_server_metrics_group="other"),
        fingerprint(wcs_server_metrics=True, wcs_server_metrics_environment={"HTTPS_PROXY": "http://proxy:3128"}),
    ]
    assert len({plain, *on}) == 5


def test_a_clean_host_has_nothing_that_clones_must_not_share(host):
    (host.server.home / "conf" / "cli-hostkey.pem").write_text("key")
    cleaned = host.run("clean")
    assert cleaned.code == 0, cleaned.failure
    assert not host.server.pid_file.exists()
    assert not (host.server.home / "conf" / "cli-hostkey.pem").exists()
    assert [path for path in (host.server.home / "logs").rglob("*") if path.is_file()] == []


def test_a_dry_run_on_a_fresh_host_goes_through(host, tmp_path):
    asked = {
        "wcs_server_version": "5.2.1",
        "wcs_server_archive": "wcs.tar.gz",
        "wcs_server_archive_checksum": "sha256:0",
    }
    answer = host.run("main", "--check", wcs_server_home=str(tmp_path / "none"), **asked, **CANARIES)
    assert answer.code == 0, answer.failure
    assert list(tmp_path.iterdir()) == []


def test_a_host_without_wcs_is_told_what_to_do(host, tmp_path):
    answer = host.run("main", wcs_server_home=str(tmp_path / "none"))
    assert "there is none in" in answer.failure
    assert "wcs_server_archive" in answer.failure


def test_a_server_that_cannot_be_stopped_fails_the_run_and_the_next_one_restarts_it(host):
    program, pid_file = host.server.home / "bin" / "webcallserver", host.server.home / "bin" / service.PID_FILE
    assert host.run("main", wcs_server_settings={"media_port_to": 31300}).code == 0
    script, pid = program.read_text(), pid_file.read_text()
    program.write_text(f'#!/bin/sh\n[ "$1" != stop ] || exit 7\nexec {program}.real "$@"\n')
    program.with_suffix(".real").write_text(script)
    program.with_suffix(".real").chmod(0o755)
    failed = host.run("main", wcs_server_settings={"media_port_to": 31302})
    assert "Cannot stop WCS in" in failed.failure
    assert "ended with exit code 7" in failed.failure
    assert pid_file.read_text() == pid, "it goes on serving"
    program.write_text(script)
    program.with_suffix(".real").unlink()
    dry = host.run("main", "--check", wcs_server_settings={"media_port_to": 31302})
    assert "Restart the server" in str(dry.changed)
    assert host.run("main", wcs_server_settings={"media_port_to": 31302}).code == 0
    assert (now := pid_file.read_text()) != pid
    again = host.run("main", wcs_server_settings={"media_port_to": 31302})
    assert (again.code, again.changed, pid_file.read_text()) == (0, [], now)


def test_a_key_that_the_vault_encrypts_anew_is_the_same_key(host, tmp_path):
    password = tmp_path / "password"
    password.write_text("CANARY-VAULT-4713\n")
    host.playbook("fingerprint", "fingerprint")

    def fingerprint(certificate: bytes, key: bytes, encrypted: bool) -> str:
        (tmp_path / "wss.pem").write_bytes(certificate)
        (tmp_path / "wss.key").write_bytes(key)
        vault = ["--vault-password-file", str(password)]
        if encrypted:
            subprocess.run([f"{BIN}/ansible-vault", "encrypt", *vault, str(tmp_path / "wss.key")], check=True)
        names = {"wcs_server_certificate": "wss.pem", "wcs_server_certificate_key": "wss.key"}
        variables = {name: str(tmp_path / file) for name, file in names.items()}
        answer = host.run("fingerprint", "-vvv", *vault, callback="default", **variables)
        assert answer.code == 0, answer.text[-3000:]
        assert "PRIVATE KEY" not in answer.text
        return re.findall(r'wcs_server_fingerprint"?: "?([0-9a-f]{12})', answer.text)[0]

    one, other = (standin.certificate_for("wcs.example.org", days=30) for _ in range(2))
    plain = fingerprint(*one, encrypted=False)
    assert {fingerprint(*one, encrypted=True) for _ in range(2)} == {plain}
    assert fingerprint(one[0], other[1], encrypted=True) != plain
