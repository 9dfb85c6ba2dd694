# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where moto would answer unlike AWS, the lab corrects it: one small function a correction.

A correction names AWS's behaviour in one sentence and stands around one function or property of moto, or in its place:

    @correction("A name in use is refused: InvalidAMIName.Duplicate.", AmiBackend, "create_image")
    def refuse_duplicate(create_image, ec2, instance_id, name, *rest, **options):
        ...
        return create_image(ec2, instance_id, name, *rest, **options)

The first argument is what was there before (for a method that moto lacks, a function that says so). Corrections of one
function nest: the one registered last is asked first. They are made once a process and find the lab by
lab.core.lab.current().
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from . import quick


@dataclass(frozen=True)
class Correction:
    """One difference between moto and AWS that the lab closes."""

    sentence: str
    owner: type
    method: str
    function: Callable[..., Any]

    @property
    def place(self) -> str:
        """Where it is written."""
        return f"{self.function.__module__}.{self.function.__name__}"

    def apply(self) -> None:
        """Puts it around what is there."""
        before: Any = getattr(self.owner, self.method, None) or _missing(self.method)
        function = self.function
        is_property = isinstance(before, property)
        getter = before.fget if is_property else before

        @functools.wraps(function)
        def corrected(*args: Any, **kwargs: Any) -> Any:
            return function(getter, *args, **kwargs)

        setattr(self.owner, self.method, property(corrected) if is_property else corrected)


REGISTRY: list[Correction] = []
_installed = False


def correction(sentence: str, owner: type, method: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers the decorated function as a correction of `owner`'s `method`; `sentence` says what AWS does."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        REGISTRY.append(Correction(sentence, owner, method, function))
        return function

    return register


def load(answers: Iterable[ModuleType]) -> None:
    """Fills the registry from these packages."""
    for package in answers:
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")


def install(answers: Iterable[ModuleType]) -> None:
    """Makes every correction of these packages, once a process."""
    global _installed
    if _installed:
        return
    load(answers)
    for entry in REGISTRY:
        entry.apply()
    quick.install()
    _installed = True


def _missing(method: str) -> Callable[..., Any]:
    def missing(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(f"The {method} action has not been implemented")

    return missing
