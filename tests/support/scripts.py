"""Programs of the roles, which run on nodes and have no ending, as modules for tests."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

FILES = Path(__file__).resolve().parents[2] / "roles" / "wcs_server" / "files"


def script(name: str) -> ModuleType:
    """The program of that name; what it does when it is run is left out."""
    module_name = name.replace("-", "_")
    loader = SourceFileLoader(module_name, str(FILES / name))
    spec = importlib.util.spec_from_loader(module_name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        sys.modules[module_name] = module
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module
