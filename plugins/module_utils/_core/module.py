# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam to Ansible: argument specifications, check mode, the way out of a module. The only place that knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.warnings import warn
from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from . import changes
from .aws import Aws
from .clients import session_clients
from .clock import Clock, SystemClock
from .converge import Converging, H, Outcome, Patience, W, World, converge
from .errors import Failure, Refusal, named
from .local import ending_well, fail
from .options import VARIABLES
from .references_world import LATE, MOMENT, look_up
from .steer import G, SteeredWorld, Steering, V, steer
from .step import LATER, Step


@dataclass(frozen=True)
class Run:
    """What one run of a module works with."""

    aws: Aws
    clock: Clock
    check: bool = False
    report: Callable[[str], None] = lambda _: None

    def converge(
        self, domain: Converging[H, W], world: World[H], want: W | None, params: Mapping[str, Any]
    ) -> Outcome[H]:
        """`converge` with the user's `wait` and `wait_timeout`. A dry run also looks for all that its calls name."""
        return converge(
            domain,
            world,
            want,
            clock=self.clock,
            check=self.check,
            wait=bool(params.get("wait", True)),
            patience=Patience(timeout=float(params.get("wait_timeout") or 0)),
            judge=self.look_up,
            report=self.report,
        )

    def look_up(self, steps: Sequence[Step], stands: bool) -> None:
        """Failure where the steps name what is not there.

        Where the thing `stands`, and in a dry run, all is looked for: the first call of a change may be one that hurts.
        For a new thing a run looks for what AWS would find out too late.
        """
        look_up(self.aws, steps, None if self.check or stands else LATE, 0.0 if self.check else MOMENT)

    def steer(
        self, domain: Steering[V, G], world: SteeredWorld[V], goal: G, shown: Callable[[], Mapping[str, Any]]
    ) -> Outcome[V]:
        """`steer` in this run. A Failure has what is `shown` by then among its details."""
        try:
            return steer(domain, world, goal, clock=self.clock, check=self.check, report=self.report)
        except Failure as failure:
            failure.details = {**shown(), **(failure.details or {})}
            raise


@dataclass(frozen=True)
class Answer:
    """What a module that writes returns: the outcome, its resource keys, and what the user should know."""

    outcome: Outcome[Any]
    returns: Mapping[str, Any]
    warnings: Sequence[str] = ()

    def results(self) -> dict[str, Any]:
        """The documented return values of a run."""
        outcome = self.outcome
        plan = changes.shown(outcome.steps, outcome.before, outcome.after)
        return {"actions": outcome.actions, "plan": plan, **self.returns}

    def judged(self) -> dict[str, Any]:
        """What it returns with `validate_only`: no call, and whether a run would have nothing to do."""
        nothing = changes.shown((), None, None)
        return {"changed": False, "actions": [], "plan": nothing, "done": self.outcome.done, **self.returns}


def converging(
    arguments: Mapping[str, Any], manage: Callable[[Mapping[str, Any], Run], Answer], **spec: Any
) -> NoReturn:
    """Runs `manage` as a module that supports check mode and diff, and leaves the process.

    With `validate_only` it decides as in check mode, makes no call, and says whether all is `done`.
    """
    module = AnsibleAWSModule(argument_spec={**arguments, **VARIABLES}, supports_check_mode=True, **spec)
    run = _run(module)
    with ending_well(module):
        answer = manage(checked(module.params, arguments, run.check), run)
    for warning in answer.warnings:
        warn(named(warning, module.params["variables"]))
    outcome = answer.outcome
    if module.params.get("validate_only"):
        module.exit_json(**answer.judged())
    result: dict[str, Any] = {"changed": outcome.changed, **answer.results()}
    if module._diff:
        result["diff"] = {"before": outcome.before or {}, "after": outcome.after or {}}
    module.exit_json(**result)
    raise SystemExit(0)


def reading(
    arguments: Mapping[str, Any],
    look: Callable[[Mapping[str, Any], Run], Mapping[str, Any]],
    *,
    needs_aws: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    missing: str | None = None,
    **spec: Any,
) -> NoReturn:
    """Runs `look` as a module that changes nothing, and leaves the process. `failed` in its answer makes it fail.

    `needs_aws`: whether these parameters lead to AWS, so that a Region is wanted. `missing`: a library that must be
    installed and is not.
    """
    module = AnsibleAWSModule(argument_spec={**arguments, **VARIABLES}, supports_check_mode=True, **spec)
    if missing:
        module.fail_json(msg=missing_required_lib(missing))
    run = _run(module, needs_aws(module.params))
    with ending_well(module):
        answer = dict(look(checked(module.params, arguments, run.check), run))
    if answer.pop("failed", False):
        module.fail_json(**answer)
    module.exit_json(changed=False, **answer)
    raise SystemExit(0)


def judging(
    arguments: Mapping[str, Any],
    judge: Callable[[Mapping[str, Any], Run], Mapping[str, Any]],
    secrets: Callable[[Mapping[str, Any]], set[str]],
) -> NoReturn:
    """Runs `judge` as a module that takes options of other modules and writes nothing, and leaves the process.

    Whether those can be used is for `judge` to say; `failed` in its answer makes it fail, and its `warnings` are shown.
    `secrets`: what nobody shall read of them, which Ansible cannot know.
    """
    module = AnsibleAWSModule(argument_spec={**arguments, **VARIABLES}, supports_check_mode=True, no_log=True)
    module._module.no_log_values.update(secrets(module.params))
    run = replace(_run(module), check=True)
    with ending_well(module):
        answer = dict(judge(module.params, run))
    for warning in answer.pop("warnings", ()):
        warn(warning)
    if answer.pop("failed", False):
        module.fail_json(**answer)
    module.exit_json(changed=False, **answer)
    raise SystemExit(0)


def of_module(module: str, arguments: Mapping[str, Any], spec: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """These options of a module of that name with its defaults, in its types. Failure for what its arguments refuse."""
    result = ArgumentSpecValidator({**arguments, **VARIABLES}, **spec).validate(dict(given))
    if messages := result.error_messages:
        raise Failure(Refusal("use", "options of", module, "; ".join(messages), "Correct them"))
    return result.validated_parameters


def secrets_of(arguments: Mapping[str, Any], given: Mapping[str, Any]) -> set[str]:
    """What nobody shall read of these options of a module."""
    found: set[str] = ArgumentSpecValidator({**arguments, **VARIABLES}).validate(dict(given))._no_log_values
    return found


CLEARED = ("description", "prefix", "no_device")
"""Options whose text may be empty: AWS takes it away then, or leaves a device out."""


def checked(params: Mapping[str, Any], arguments: Mapping[str, Any], check: bool) -> Mapping[str, Any]:
    """The parameters by the names of their options. Failure for an empty string or null in a list, and outside check
    mode for `LATER`.

    Tags may have empty values, as they may in AWS, and a text that CLEARED names may be empty.
    """
    params = _by_name(params, arguments)
    for option in arguments:
        if option != "tags" and (problem := _unusable(params.get(option), option, check)):
            raise Failure(Refusal("use", "option", f"O({problem[0]})", problem[1], problem[2]))
    return params


def _by_name(params: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without their aliases, which Ansible leaves beside the names, at every depth."""
    aliases = {alias for spec in arguments.values() for alias in spec.get("aliases", ())} - set(arguments)
    return {key: _value(value, arguments.get(key) or {}) for key, value in params.items() if key not in aliases}


def _value(value: Any, spec: Mapping[str, Any]) -> Any:
    """The value as the option takes it: of `a, b` Ansible keeps the blank with the second."""
    options = spec.get("options")
    if spec.get("elements") == "str" and isinstance(value, list):
        return [one.strip() if isinstance(one, str) else one for one in value]
    if options is None:
        return value
    if isinstance(value, Mapping):
        return _by_name(value, options)
    return [_value(item, spec) for item in value] if isinstance(value, list) else value


def _unusable(value: Any, path: str, check: bool) -> tuple[str, str, str] | None:
    if value == "" and path.rpartition(".")[2] not in CLEARED:
        return path, "it is an empty string", "Leave it out, or give it a value"
    if value == LATER and not check:
        return path, f"'{LATER}' is known only in check mode", "Give the real value, which an earlier task returns"
    if isinstance(value, Mapping):
        parts = [(f"{path}.{key}", item) for key, item in value.items() if item is not None]
    elif isinstance(value, list):
        if None in value:
            return path, "it has a null element", "Remove the element, or give it a value"
        parts = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return None
    return next((found for name, item in parts if (found := _unusable(item, name, check))), None)


def _run(module: Any, needs_aws: bool = True) -> Run:
    clock = SystemClock()
    region, endpoint, connection = get_aws_connection_info(module)
    if needs_aws and not region:
        way_out = "Set O(region), AWS_REGION, or a profile with one"
        fail(module, Failure(Refusal("choose", "an AWS Region", "", "none is given", way_out)))
    clients = session_clients(region, endpoint, connection)
    report = progress(Path(module.tmpdir) / PROGRESS, module.params["variables"])
    dry = bool(module.check_mode or module.params.get("validate_only"))
    return Run(Aws(clients, clock, report, region), clock, dry, report)


PROGRESS = "wcs-progress"
"""The file in the task's temporary directory that the action plugin C(waiting) tails."""


def progress(path: Path, variables: Mapping[str, str] = MappingProxyType({})) -> Callable[[str], None]:
    """A reporter that appends a line to the file; it does nothing where the file does not exist."""
    if not path.exists():
        return lambda _: None

    def report(line: str) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(named(" ".join(line.split()), variables) + "\n")

    return report
