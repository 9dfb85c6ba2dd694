# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that know no AWS, whose libraries take longer to load than such a module runs; and the way out of any."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .errors import Failure, Interrupted, Refusal
from .signals import SIGNALS


def local(arguments: Mapping[str, Any], look: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> NoReturn:
    """Runs `look` as a module that changes nothing and knows no AWS, and leaves the process."""
    module = AnsibleModule(argument_spec=dict(arguments), supports_check_mode=True)
    with ending_well(module):
        answer = look(module.params)
    module.exit_json(changed=False, **answer)
    raise SystemExit(0)


def typed(spec: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, with each value of the type that the specification says. Failure for what is none of it."""
    try:
        result = ArgumentSpecValidator(dict(spec)).validate(dict(given))
    except (TypeError, ValueError, ArithmeticError) as error:  # for what is no dictionary where one is to be
        raise _mistyped(f"a value is of another type than the option ({error})") from None
    if result.error_messages:
        raise _mistyped("; ".join(result.error_messages))
    return dict(result.validated_parameters)


def _mistyped(reason: str) -> Failure:
    return Failure(Refusal("use", "the options", "", reason, "Fix the option"))


def content(path: str, thing: str) -> bytes:
    """What the file of the user's holds. Failure where it cannot be read."""
    try:
        return Path(path).expanduser().read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # of pathlib, for the home of somebody unknown
        reason = getattr(error, "strerror", None) or str(error)
        way_out = "Give the path of a file on the controller that this user can read"
        raise Failure(Refusal("read", thing, path, reason, way_out)) from error


@contextmanager
def ending_well(module: Any) -> Iterator[None]:
    """Within it a Failure or a signal makes the module fail in a sentence; a second signal ends the process at once."""
    ended: list[Interrupted] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        _answer_signals(signal.SIG_DFL)
        ended.append(Interrupted(signal.Signals(number).name))
        if not _cancelled():
            raise ended[0]

    _answer_signals(interrupt)
    try:
        with _raised_again(ended):
            yield
    except Failure as failure:
        fail(module, failure)
    except BaseException:
        if not ended:
            raise
        fail(module, ended[0].failure)
    finally:
        _answer_signals(signal.SIG_DFL)


AGAIN = 0.05
"""Seconds after which an interrupt that was dropped is raised again: Python has left the finalizer by then."""


@contextmanager
def _raised_again(ended: Sequence[Interrupted]) -> Iterator[None]:
    """Within it an interrupt that Python drops, as it does what a finalizer raises, is raised once more."""
    others = sys.unraisablehook

    def again(_number: int, _frame: FrameType | None) -> None:
        raise ended[0]

    def dropped(what: Any) -> None:
        if what.exc_value not in ended:
            others(what)
            return
        signal.signal(signal.SIGALRM, again)
        signal.setitimer(signal.ITIMER_REAL, AGAIN)

    sys.unraisablehook = dropped
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = others


def _cancelled() -> bool:
    """Whether there is a running event loop, whose tasks are now cancelled: an exception would tear it."""
    import asyncio

    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return False
    for task in tasks:
        task.get_loop().call_soon_threadsafe(task.cancel)
    return True


def _answer_signals(how: Any) -> None:
    for number in SIGNALS:
        signal.signal(number, how)


def fail(module: Any, failure: Failure) -> NoReturn:
    module.fail_json(
        msg=failure.refusal.sentence(module.params.get("variables") or {}),
        error=failure.call.fields(),
        actions=list(failure.actions),
        changed=bool(failure.actions),
        **dict(failure.details or {}),
    )
    raise SystemExit(1)
