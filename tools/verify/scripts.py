"""Console scripts: the functions that entry points name, and the programs that ours start."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Collection, Iterator

from tools.plan.metadata import function_name
from tools.verify.finding import Finding, error
from tools.verify.identity import Facts, Wheel
from tools.verify.installed import Installed


def check_scripts(installed: Installed, wheel: Wheel) -> Iterator[Finding]:
    """Yield console scripts that could not start anything; of wheels of others, a table that cannot be read.

    Where others have their functions nobody can say without running them: in a binary, or imported from anywhere.
    """
    path = f"{wheel.identity.dist_info}/entry_points.txt"
    functions: dict[str, str] = {}
    if path in wheel.contents.texts:
        try:
            functions = _console_scripts(wheel.contents.texts[path])
        except (configparser.Error, UnicodeDecodeError):
            yield error(wheel.name, "scripts", "cannot be read", path)
            return
    if (facts := wheel.identity.facts) is None:
        return
    for name, target in functions.items():
        if not _is_defined(wheel, target) and not _is_made(wheel, name, target):
            yield error(wheel.name, "scripts", "calls a function that the wheel does not have", f"{name} = {target}")
    yield from _check_programs(installed, wheel, facts, functions.keys())


def _check_programs(installed: Installed, wheel: Wheel, facts: Facts, declared: Collection[str]) -> Iterator[Finding]:
    names = set(facts.scripts)
    others = set(declared)
    for name in sorted(names ^ others):
        there, missing = "entry_points.txt", "package.json"
        where = f"{there} but not in {missing}" if name in others else f"{missing} but not in {there}"
        yield error(wheel.name, "scripts", f"is in {where}", name)
    for name, script in sorted(facts.scripts.items()):
        place = installed.files.get(f"{facts.platform_package}/{script.path}")
        if place is None or place.project != wheel.identity.project:
            yield error(
                wheel.name, "scripts", "starts a program that the wheel does not have", f"{name} ({script.path})"
            )
        elif not place.content.mode & 0o111:
            yield error(wheel.name, "scripts", "starts a file that is not executable", f"{name} ({script.path})")


def _console_scripts(text: bytes) -> dict[str, str]:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    parser.read_string(text.decode("utf-8"))
    return dict(parser["console_scripts"]) if "console_scripts" in parser else {}


def _is_made(wheel: Wheel, name: str, target: str) -> bool:
    """Say whether the function is one that our module makes for each tool when it is asked for."""
    module, _, function = target.partition(":")
    return function == function_name(name) and "__getattr__" in _functions(wheel, module)


def _is_defined(wheel: Wheel, target: str) -> bool:
    """Say whether ``module:function`` is in the wheel."""
    module, _, function = target.partition(":")
    return function in _functions(wheel, module)


def _functions(wheel: Wheel, module: str) -> set[str]:
    """Return the functions of a module, by reading it, not by running it."""
    source = wheel.contents.texts.get(f"{module.replace('.', '/')}.py")
    if source is None:
        return set()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: what is nested too deeply
        return set()
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
