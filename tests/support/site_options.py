"""What the playbook site asks of the modules before its first write, worked out of variables as Ansible does."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader
from ansible.template import Templar, trust_as_template

from plugins.module_utils._parts.known import TAGS

ROOT = Path(__file__).resolve().parents[2]
MODULE = "webcallserver.aws.wcs_validate"
OURS = "webcallserver.aws."
PLAY = {
    "ansible_check_mode": False,
    "ansible_run_tags": ["all"],
    "ansible_skip_tags": [],
    "hostvars": {"wcs-seed": {"__wcs_server_refused": []}},
    "__wcs_site_metrics": False,
}


def trusted(value: Any) -> Any:
    """What stands in files of ours, which Ansible takes for templates."""
    if isinstance(value, dict):
        return {key: trusted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return trust_as_template(value) if isinstance(value, str) else value


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@cache
def of_roles() -> dict[str, Any]:
    """The variables of the roles whose tags parts of a stack have, and those that site gives with the judgement."""
    found: dict[str, Any] = {}
    for role in TAGS.values():
        found |= read(f"roles/{role}/defaults/main.yml") | read(f"roles/{role}/vars/main.yml")
    tasks = [task for play in read("playbooks/site.yml") for task in play.get("tasks", ())]
    (include,) = [
        task for task in tasks if task.get("ansible.builtin.include_tasks", {}).get("file") == "tasks/validate.yml"
    ]
    return found | include["vars"]


@cache
def arguments() -> dict[str, Any]:
    """What the task that validates gives its module."""
    (task,) = [task for task in read("playbooks/tasks/validate.yml") if MODULE in task]
    given: dict[str, Any] = task[MODULE]
    return given


@contextmanager
def our_filters() -> Iterator[None]:
    """Ansible finds the filters of this collection, whatever other tests have made of its way to find collections."""
    find, ours = filter_loader.get, {}
    for path in (ROOT / "plugins" / "filter").glob("wcs_*.py"):
        ours |= importlib.import_module(f"plugins.filter.{path.stem}").FilterModule().filters()
    made = {f"{OURS}{name}": filter_loader._wrap_func(name, name, function) for name, function in ours.items()}
    with patch.object(filter_loader, "get", lambda name, *args, **rest: made.get(name) or find(name, *args, **rest)):
        yield


def options_of_site(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the module by which site validates all parts of a stack, where these variables are set."""
    found: dict[str, Any] = worked_out(arguments(), variables)
    return found


def worked_out(template: Any, variables: Mapping[str, Any]) -> Any:
    """What Ansible makes of a template of roles or of site, where these variables are set."""
    known = Templar(loader=DataLoader(), variables=trusted(of_roles()) | PLAY | dict(variables))
    with our_filters():
        return known.template(trusted(template))
