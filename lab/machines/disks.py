# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks as folders: of images and of machines."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copies a disk that may be in use; what vanishes meanwhile is left out. `target` is there whole or not at all.

    A disk that was not created here (of an image made by RegisterImage) is empty.
    """
    if not source.exists():
        target.mkdir(parents=True)
        return
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        shutil.copytree(source, partial, symlinks=True, copy_function=_copy_file)
    except shutil.Error:
        if not partial.is_dir():
            raise
    partial.replace(target)


def remove(disk: Path) -> None:
    """Removes a disk, if there is one."""
    shutil.rmtree(disk, ignore_errors=True)


def _copy_file(source: str, target: str) -> str:
    with contextlib.suppress(FileNotFoundError):
        if not os.path.islink(source) and os.path.isfile(source):  # noqa: PTH113, PTH114
            shutil.copy2(source, target)
    return target
