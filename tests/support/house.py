"""What imports what in a tree of source, whichever way the imports are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = "ansible_collections.webcallserver.aws."
"""What stands before the name of a plugin where the collection is installed."""

# Folders stand on floors: what lies on one imports only from below, so there is no arrow back and no circle.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("_core",),
    ("_money",),
    (
        *("_balancer", "_scaling", "_launch", "_image", "_base_image", "_host", "_plan"),
        *("_security_groups", "_node_profile"),
    ),
    ("_forecast", "_group", "_report", "_seed"),
    ("_fleet", "_nodes"),
    ("_probe",),
    ("_stack", "_steering", "_parts", "_load"),
    ("_drain",),
    ("_rollout",),
)
LAB_FLOORS: tuple[tuple[str, ...], ...] = (
    ("wcs",),
    ("machines",),
    ("core",),
    ("iam",),
    ("api", "cloudwatch", "ec2"),
    ("elb",),
    ("autoscaling",),
    ("open",),
    ("run",),
    ("demo",),
)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _imported(path: Path, root: Path) -> Iterator[tuple[str, str | None]]:
    """Each module or name of one that a file imports, ours by their path from the root, and what it is called there."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name.removeprefix(INSTALLED), alias.asname) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(root).parts[: -node.level] if node.level else ()
            source = ".".join([*above, *([node.module] if node.module else [])]).removeprefix(INSTALLED)
            yield source, None
            yield from ((f"{source}.{alias.name}", alias.asname or alias.name) for alias in node.names)


@cache
def imports(path: Path, root: Path) -> frozenset[str]:
    """Every module, and every name of one, that a file imports anywhere: ours by their path from the root."""
    return frozenset(name for name, _ in _imported(path, root))


@dataclass(frozen=True)
class House:
    """A tree with `plugins` and `lab`."""

    root: Path

    @cached_property
    def utils(self) -> list[Path]:
        return self._files("plugins", "module_utils")

    @cached_property
    def modules(self) -> list[Path]:
        return self._files("plugins", "modules")

    @cached_property
    def plugins(self) -> list[Path]:
        return self._files("plugins")

    @cached_property
    def lab(self) -> list[Path]:
        return self._files("lab")

    def _files(self, *below: str) -> list[Path]:
        return sorted(self.root.joinpath(*below).rglob("*.py"))

    def room(self, path: Path) -> str:
        """`folder/file` of a file in module_utils; the path from the root for others."""
        utils = self.root / "plugins" / "module_utils"
        return str(path.relative_to(utils if path.is_relative_to(utils) else self.root).with_suffix(""))

    def imports(self, path: Path) -> frozenset[str]:
        return imports(path, self.root)

    def tops(self, path: Path) -> set[str]:
        """The packages that a file imports from."""
        return {name.split(".")[0] for name in self.imports(path)}

    def imported(self, path: Path, among: list[Path]) -> set[Path]:
        """The files among these that a file imports."""
        targets = [self.root.joinpath(*name.split(".")) for name in self.imports(path)]
        return {file for one in targets for file in (one.with_suffix(".py"), one / "__init__.py")} & set(among)

    def called(self, path: Path) -> Iterator[tuple[ast.expr, str]]:
        """Each use in a file of what it imports, and its full name: `_api.read` is `plugins.….api.read`."""
        known = {called: name for name, called in _imported(path, self.root) if called}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Name) and node.id in known:
                yield node, known[node.id]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
                yield node, f"{known[node.value.id]}.{node.attr}"

    def rooms(self, path: Path) -> set[str]:
        """The files of module_utils that a file imports, as `folder/file`."""
        return {self.room(one) for one in self.imported(path, self.utils) if one.stem != "__init__"}

    def arrows(self, package: str) -> dict[Path, set[tuple[str, str]]]:
        """By file (from, to) of its imports between two folders of a package; a file in the package counts as one."""
        root, found = package.split("."), {}
        for path in self._files(*root):
            here = path.relative_to(self.root).with_suffix("").parts[len(root)]
            names = [name.split(".") for name in self.imports(path) if name.startswith(f"{package}.")]
            found[path] = {(here, name[len(root)]) for name in names} - {(here, here)}
        return found
