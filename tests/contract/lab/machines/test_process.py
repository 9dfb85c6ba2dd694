"""Machines that are processes: real servers on loopback addresses, from real folders."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lab import wcs
from lab.machines import MachineSpec, checks, network, servers
from lab.machines.process import ProcessMachines
from tests.support.waiting import until

PAGE = ("http", 8081, "/?action=stat", 2.0)
IDENTITY = """#!/bin/sh
echo asked $AWS_EC2_METADATA_SERVICE_ENDPOINT
exit $(cat "$(dirname "$0")/identity-says" 2>/dev/null || echo 0)
"""


@pytest.fixture(scope="module")
def block():
    claimed = network.claim()
    yield claimed.block
    claimed.release()


@pytest.fixture
def machines(tmp_path):
    made = ProcessMachines(tmp_path, cpu_per_session=2.0)
    made.install("ami-wcs", "5.2.1")
    made.install("ami-bare", None)
    yield made
    made.close()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def spec(block):
    return MachineSpec("i-1", "ami-wcs", f"{block}.1.4", f"{block}.101.4", "us-east-1", "us-east-1a", "c5.large")


def home(tmp_path, instance="i-1"):
    return tmp_path / "machines" / instance / "disk/usr/local" / wcs.PRODUCT


def test_a_machine_is_a_folder_and_a_server_on_its_two_addresses(machines, spec, tmp_path):
    machines.boot(spec)
    assert machines.state("i-1") in ("pending", "running")
    until(lambda: machines.check("i-1", *PAGE).ok)
    assert machines.check("i-1", "tcp", 8080, "", 2.0).ok
    assert checks.check(spec.public_ip, *PAGE).ok
    assert machines.cpu("i-1") > 0
    assert home(tmp_path).resolve().name == f"{wcs.PRODUCT}-5.2.1"
    hardware = json.loads((tmp_path / "machines/i-1/machine.json").read_text())
    assert (hardware["private_ip"], hardware["public_ip"]) == (spec.private_ip, spec.public_ip)
    assert (hardware["cpu_per_session"], hardware["memory"]) == (2.0, 4 * 2**30)
    machines.stop("i-1")
    until(lambda: machines.state("i-1") == "stopped")
    assert not machines.check("i-1", *PAGE).ok
    assert servers.running(tmp_path / "machines/i-1/disk") == []
    machines.boot(spec)
    until(lambda: machines.check("i-1", *PAGE).ok)
    machines.terminate("i-1")
    until(lambda: machines.state("i-1") == "gone")
    assert not (tmp_path / "machines/i-1").exists()


def test_an_address_that_is_given_anew_is_waited_for(machines, spec):
    machines.boot(spec)
    until(lambda: machines.check("i-1", *PAGE).ok)
    machines.terminate("i-1")
    machines.boot(replace(spec, instance_id="i-2", public_ip=None))
    until(lambda: machines.state("i-1") == "gone" and machines.check("i-2", *PAGE).ok)


def test_an_image_is_the_disk_with_what_was_changed_on_it(machines, spec, block, tmp_path):
    machines.boot(spec)
    until(lambda: machines.check("i-1", *PAGE).ok)
    conf = home(tmp_path) / "conf/flashphoner.properties"
    conf.write_text(conf.read_text().replace("http.port               =8081", "http.port=8082"))
    machines.capture("i-1", "ami-own")
    machines.copy_image("ami-own", "ami-copy")
    machines.forget_image("ami-own")
    machines.boot(MachineSpec("i-2", "ami-copy", f"{block}.2.4", None, "eu-west-1", "eu-west-1a", "c5.large"))
    until(lambda: machines.check("i-2", "http", 8082, "/?action=stat", 2.0).ok)
    assert machines.cpu("i-2") > 1.5
    assert machines.check("i-1", *PAGE).ok
    assert sorted(p.name for p in (tmp_path / "images").iterdir()) == ["ami-bare", "ami-copy", "ami-wcs"]


def test_an_image_that_nobody_laid_out_is_an_empty_disk(machines, block, tmp_path):
    machines.boot(MachineSpec("i-1", "ami-registered", f"{block}.1.6", None, "r", "z", "c5.large"))
    until(lambda: machines.state("i-1") == "running")
    assert list((tmp_path / "machines/i-1/disk").iterdir()) == []


def test_a_machine_without_wcs_runs_and_answers_nothing(machines, spec, block):
    machines.boot(MachineSpec("i-1", "ami-bare", f"{block}.1.5", None, "us-east-1", "us-east-1a", "c5.large"))
    until(lambda: machines.state("i-1") == "running")
    check = machines.check("i-1", *PAGE)
    assert (check.ok, check.status) == (False, None)
    assert "refused" in check.why
    assert machines.cpu("i-1") == 1.0


def test_identity_is_asked_before_each_start_and_its_failure_keeps_the_server_down(machines, spec, tmp_path):
    tool = tmp_path / "images/ami-wcs/usr/local" / wcs.PRODUCT / "bin/wcs-identity"
    tool.write_text(IDENTITY)
    tool.chmod(0o755)
    console = tmp_path / "machines/i-1/console.log"
    machines.boot(spec)
    until(lambda: machines.check("i-1", *PAGE).ok)
    assert f"asked http://{spec.private_ip}:{network.METADATA_PORT}\n" in console.read_text()
    (home(tmp_path) / "bin/identity-says").write_text("1")
    machines.stop("i-1")
    machines.boot(spec)
    until(lambda: console.read_text().count("asked ") == 2)
    machines.stop("i-1")
    until(lambda: machines.state("i-1") == "stopped")
    assert console.read_text().count("webcallserver start") == 1


def test_a_stop_of_a_server_that_does_not_obey_is_forced(machines, spec, tmp_path):
    machines.boot(spec)
    until(lambda: machines.check("i-1", *PAGE).ok)
    (home(tmp_path) / "bin/webcallserver").write_text("#!/bin/sh\nexit 1\n")
    machines.stop("i-1")
    until(lambda: machines.state("i-1") == "stopped")
    assert servers.running(tmp_path / "machines/i-1/disk") == []


def test_an_address_beyond_loopback_is_refused(machines, spec):
    assert machines.refuse("127.9.1.0/24") is None
    with pytest.raises(ValueError, match="loopback"):
        machines.boot(MachineSpec("i-1", "ami-wcs", "10.0.0.4", None, "r", "z", "c5.large"))


def test_a_pid_file_of_a_copied_disk_names_no_server(tmp_path):
    file = tmp_path / "disk/usr/local/FlashphonerWebCallServer-1/bin/FlashphonerMainWebCallServer.pid"
    file.parent.mkdir(parents=True)
    file.write_text(f"{os.getpid()}\n")
    assert servers.running(tmp_path / "disk") == []


def test_checks_want_200_in_time(block):
    with socket.create_server((f"{block}.1.9", 0)) as silent:
        address, port = silent.getsockname()
        assert checks.check(address, "tcp", port, "", 1.0).ok
        slow = checks.check(address, "http", port, "/", 0.2)
        assert (slow.ok, slow.why) == (False, "no answer within 0.2 s")
        assert not checks.check(address, "ssl", port, "", 0.2).ok
    assert "refused" in checks.check(address, "http", port, "/", 1.0).why


def test_a_missing_page_is_not_healthy(machines, spec):
    machines.boot(spec)
    until(lambda: machines.check("i-1", *PAGE).ok)
    missing = machines.check("i-1", "http", 8081, "/no/such/page", 2.0)
    assert (missing.ok, missing.status) == (False, 404)


def test_nothing_of_a_machine_lies_elsewhere(machines, spec, tmp_path):
    machines.boot(spec)
    until(lambda: machines.check("i-1", *PAGE).ok)
    [pid] = servers.running(tmp_path / "machines/i-1/disk")
    opened = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.exists()}
    files = {path for path in opened if path.startswith("/") and not path.startswith("/dev/")}
    assert files
    assert all(path.startswith(str(tmp_path)) for path in files), files


def test_what_publishes_its_sessions_runs_beside_the_server_at_the_labs_speed_and_ends_with_the_machine(
    machines, spec, tmp_path
):
    program = tmp_path / "images/ami-wcs/usr/local" / wcs.PRODUCT / "bin/wcs-metrics"
    program.write_text(
        "import os, time\n"
        "print('publishes to', os.environ['AWS_ENDPOINT_URL'], flush=True)\n"
        "began = time.time()\n"
        "time.sleep(30)\n"
        "print('waited', time.time() - began < 20, flush=True)\n"
        "time.sleep(1e6)\n"
    )
    machines.api_url, machines._speed = "http://127.0.0.1:1", 300.0
    console = tmp_path / "machines/i-1/console.log"
    machines.boot(spec)
    until(lambda: console.exists() and "waited True\n" in console.read_text())
    assert "publishes to http://127.0.0.1:1\n" in console.read_text()
    disk = tmp_path / "machines/i-1/disk"
    (pid,) = set(servers.programs(disk)) - set(servers.running(disk))
    machines.stop("i-1")
    until(lambda: machines.state("i-1") == "stopped")
    assert servers.programs(disk) == []
    assert not servers._alive(pid)


def test_what_is_starting_a_server_is_ended_too_and_nobody_who_reads_its_files(machines, spec, tmp_path):
    identity = tmp_path / "images/ami-wcs/usr/local" / wcs.PRODUCT / "bin/wcs-identity"
    identity.write_text("#!/bin/sh\nwhile :; do sleep 0.05; done\n")
    identity.chmod(0o755)
    machines.boot(spec)
    disk = tmp_path / "machines/i-1/disk"
    until(lambda: servers.programs(disk))
    with subprocess.Popen(["tail", "-f", str(home(tmp_path) / "bin/wcs-identity")], stdout=-1) as reader:
        assert servers.running(disk) == []
        assert servers.end_under(tmp_path / "machines") == 1
        assert servers.programs(disk) == []
        assert reader.poll() is None
        reader.kill()
