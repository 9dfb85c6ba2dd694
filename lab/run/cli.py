# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's verbs: up, down, status, calls, fault, set, offer."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from ..machines.podman import NoHosts
from .folder import Folder, NotOurs

REPOSITORY = Path(__file__).resolve().parents[2]
UP_SECONDS = {"process": 60.0, "podman": 900.0, "imaginary": 60.0}  # hosts' first image is made from packages
DOWN_SECONDS = 90.0


class Failed(Exception):
    """The verb did not do what it is for; says why and what to do."""


def main(arguments: list[str]) -> int:
    """The exit code: 0 when done, 1 with the reason on stderr otherwise, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    folder = Folder(options.dir.resolve())
    try:
        options.verb(folder, options)
    except (Failed, NotOurs, NoHosts) as failed:
        print(failed, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = None  # whoever read us has gone: nothing is flushed at exit
        return 0
    return 0


def up(folder: Folder, options: argparse.Namespace) -> None:
    """Starts the lab in the background and prints what it made."""
    folder.refuse()
    command = [sys.executable, "-m", "lab", "serve", "--dir", str(folder.path), "--speed", str(options.speed)]
    command += ["--port", str(options.port), "--machines", options.machines]
    command += ["--default-vpc"] if options.default_vpc else []
    if options.cpu_per_session is not None:
        command += ["--cpu-per-session", str(options.cpu_per_session)]
    existed = folder.path.is_dir()
    folder.path.mkdir(parents=True, exist_ok=True)
    with (folder.path / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        about = _ready(folder, process, UP_SECONDS[options.machines])
    except BaseException:
        process.terminate()
        process.wait(DOWN_SECONDS)
        folder.sweep()
        if not existed:
            (folder.path / "lab.log").unlink(missing_ok=True)
            folder.clear()
        raise
    print(_answer(about, options.dir))


def _ready(folder: Folder, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        about = folder.about()
        if about is not None and about["pid"] == process.pid:
            return about
        if process.poll() is not None:
            said = (folder.path / "lab.log").read_text(errors="replace").strip().splitlines()
            raise Failed(said[-1] if said else "The lab did not come up, and did not say why.")
        time.sleep(0.02)
    raise Failed(f"The lab was not ready within {seconds:g} s.")


def _answer(about: dict[str, Any], directory: Path) -> str:
    subnets = "\n".join(f"  subnet     {subnet}  {zone}" for zone, subnet in about["subnets"].items())
    hosts = f"Onto a host:    ssh -i {directory}/key admin@ADDRESS\n" if about["machines"] == "podman" else ""
    return (
        f"The lab is up, process {about['pid']}, speed {about['speed']:g}.\n"
        f"  API        {about['url']}\n"
        f"  addresses  {about['block']}\n"
        f"  region     {about['region']}\n"
        f"  VPC        {about['vpc_id']}\n{subnets}\n"
        f"  key pair   {about['key_name']}\n"
        f"  image      {about['wcs_image_id']}  {about['wcs_image_name']} (a stand-in)\n"
        f"  image      {about['bare_image_id']}  {about['bare_image_name']} (without WCS)\n"
        f"Deploy on it:   . {directory}/env && "
        f".venv/bin/ansible-playbook -i {directory}/inventory.yml playbooks/site.yml\n"
        f"{hosts}"
        f"Look at it:     .venv/bin/python -m lab status --dir {directory}\n"
        f"Take it down:   .venv/bin/python -m lab down --dir {directory}"
    )


def down(folder: Folder, options: argparse.Namespace) -> None:
    """Ends the lab and everything it started; also what a killed one left."""
    pid = folder.holder()
    if pid is None:
        left = folder.sweep()
        if (folder.path / "lab.log").exists() or left:
            folder.clear()
            folder.drop_empty_log()
        print(f"No lab is up in '{options.dir}'." + (f" {left} servers that one had left were ended." if left else ""))
        return
    if pid:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while folder.holder() is not None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
            folder.clear()
            raise Failed(f"The lab did not end by itself within {DOWN_SECONDS:g} s; it was killed and swept up after.")
        time.sleep(0.02)
    folder.drop_empty_log()
    print("The lab is down.")


def serve(folder: Folder, options: argparse.Namespace) -> None:
    """Is the lab; `up` starts it."""
    from . import start

    start.begin()
    from ..machines import network
    from .serve import Options
    from .serve import serve as run

    try:
        run(
            folder, Options(options.speed, options.port, options.cpu_per_session, options.machines, options.default_vpc)
        )
    except network.NoNetwork as reason:
        raise Failed(str(reason)) from reason


def status(folder: Folder, options: argparse.Namespace) -> None:
    """Prints balancers, groups, instances, images and alarms."""
    shown = _ask(folder, "status")
    if options.json:
        print(json.dumps(shown, indent=2))
        return
    from .overview import tables

    print(tables(shown))


def calls(folder: Folder, options: argparse.Namespace) -> None:
    """Prints the API calls that were answered, one JSON object a line."""
    for call in _ask(folder, f"calls?since={options.since}"):
        if call["write"] or not options.writes:
            print(json.dumps(call))


def fault(folder: Folder, options: argparse.Namespace) -> None:
    """Adds, lists or clears faults; prints those in force, one JSON object a line."""
    if options.what == "add":
        names = ("kind", "operation", "count", "skip", "probability", "seed", "code", "status", "message", "seconds")
        rule = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
        if rule.get("count") == 0:
            rule["count"] = None
        rules = _ask(folder, "faults", "POST", rule)
    else:
        rules = _ask(folder, "faults", "DELETE" if options.what == "clear" else "GET")
    for rule in rules:
        print(json.dumps(rule))


def set_members(folder: Folder, options: argparse.Namespace) -> None:
    """Has every answer about a thing show members of AWS's that the lab does not make by itself."""
    members = {}
    for pair in options.members:
        name, _, text = pair.partition("=")
        try:
            members[name] = json.loads(text)
        except ValueError:
            members[name] = text
    _ask(folder, "members", "POST", {"thing": options.thing, "members": members})


def offer(folder: Folder, options: argparse.Namespace) -> None:
    """Lets the vendor of the images offer one more; prints its id."""
    names = ("name", "like", "architecture", "region", "product", "subscribed")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    print(_ask(folder, "images", "POST", given)["image_id"])


def _ask(folder: Folder, page: str, method: str = "GET", given: Any = None) -> Any:
    about = folder.about()
    if about is None or folder.holder() is None:
        raise Failed(f"No lab is up in '{folder.path}'. Start one with: python -m lab up --dir {folder.path}")
    body = None if given is None else json.dumps(given).encode()
    request = urllib.request.Request(f"{about['url']}/_lab/{page}", data=body, method=method)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise Failed(error.read().decode(errors="replace").strip()) from error
    except OSError as error:
        raise Failed(f"The lab in '{folder.path}' does not answer: {error}") from error


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1000:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 1000")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="The lab: a small AWS on this machine.")
    verbs = parser.add_subparsers(required=True, metavar="up|down|status|calls|fault|set|offer")
    made = {}
    for function in (up, down, status, calls, fault, set_members, offer, serve):
        text, name = (function.__doc__ or "").strip(), function.__name__.removesuffix("_members")
        made[name] = verbs.add_parser(name, description=text, help=text)
        made[name].set_defaults(verb=function)
    for name in ("up", "serve"):
        _add_up_options(made[name])
    made["status"].add_argument("--json", action="store_true", help="as one JSON object")
    made["calls"].add_argument("--since", type=int, default=0, help="only those after the call of this number")
    made["calls"].add_argument("--writes", action="store_true", help="only those that may change something")
    made["set"].add_argument("thing", help="its id, or its name where it has none")
    members = "as AWS's answers call them; the value as JSON, a text as it is, null to take it back"
    made["set"].add_argument("members", nargs="+", metavar="Member=VALUE", help=members)
    _add_fault_options(made["fault"])
    _add_offer_options(made["offer"])
    for verb in made.values():
        verb.add_argument("--dir", type=Path, default=Path(".lab"), help="the lab's folder [%(default)s]")
    return parser


def _add_up_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--machines",
        choices=["process", "podman", "imaginary"],
        default="process",
        help="what instances are: processes with a folder as disk, real hosts (needs root), or nothing but records "
        "for whoever needs the API alone [%(default)s]",
    )
    parser.add_argument("--default-vpc", action="store_true", help="every Region has one, as in most accounts")
    parser.add_argument("--speed", type=_positive, default=1.0, help="how much faster AWS is than in reality [1]")
    parser.add_argument("--port", type=int, default=0, help="the API's port on 127.0.0.1 [0: a free one]")
    parser.add_argument("--cpu-per-session", type=float, help="per cent of CPU that a session costs")


def _add_offer_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the image's name")
    parser.add_argument("--like", choices=["wcs", "bare"], help="which of the images it is otherwise [wcs]")
    parser.add_argument("--architecture", help="what it is for [x86_64]")
    parser.add_argument("--region", help="where it is [that of the lab's network]")
    parser.add_argument("--product", help="its product code in AWS Marketplace")
    parser.add_argument("--subscribed", action="store_true", default=None, help="the account has accepted its terms")


def _add_fault_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="add|list|clear")
    for name, text in (("list", "those in force"), ("clear", "no faults any more")):
        what.add_parser(name, help=text, argument_default=argparse.SUPPRESS).add_argument("--dir", type=Path)
    add = what.add_parser("add", help="one more")
    add.add_argument("--dir", type=Path, default=argparse.SUPPRESS)
    add.add_argument("kind", help="throttle, error-before, error-after, cut-reply, latency, stale, late")
    add.add_argument("operation", nargs="?", default="*", help="Operation or service:Operation; * stands for any text")
    add.add_argument("--count", type=int, help="how many calls are struck [1]; 0 for all")
    add.add_argument("--skip", type=int, help="how many calls are spared before [0]")
    add.add_argument("--probability", type=float, help="of each call [1]")
    add.add_argument("--seed", type=int, help="of the probability [0]")
    add.add_argument("--code", help="error code; '' for a page in HTML, - for an empty body [InternalError]")
    add.add_argument("--status", type=int, help="HTTP status of an error [500]")
    add.add_argument("--message", help="text of an error [An internal error has occurred]")
    add.add_argument("--seconds", type=float, help="of latency, or the age of late reads at most [5]")
