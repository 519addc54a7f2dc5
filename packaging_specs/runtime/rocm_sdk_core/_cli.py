# ruff: noqa: PTH100, PTH110, PTH118, PTH119, PTH120
# Imported at each start of a tool: os alone takes no time to import.
"""Console scripts: find the program that the script's name stands for and become it."""

from __future__ import annotations

import os
import sys

from rocm_sdk_core import _site

TYPE_CHECKING = False  # typing takes longer to import than a tool takes to start
if TYPE_CHECKING:
    from typing import Any, NoReturn


def main() -> NoReturn:
    """Run the tool of rocm-sdk-core that ``sys.argv[0]`` names."""
    run(__name__.partition(".")[0])


def run(import_name: str) -> NoReturn:
    """Replace this process by the tool that ``sys.argv[0]`` names in the table of scripts of a package.

    A tool that is marked for it runs from the devel tree if one is installed, which is made on first use.
    """
    site = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    name = _script_name(sys.argv[0])
    try:
        facts = _site.read_facts(os.path.join(site, f"_{import_name}", import_name + _site.FACTS))
        program = _program(site, facts, name)
    except OSError as error:
        raise SystemExit(f"{name}: {error.filename}: {error.strerror}; reinstall the package") from None
    except RuntimeError as error:
        raise SystemExit(f"{name}: {error}") from None
    _become(program, sys.argv[1:])


def _script_name(argument: str) -> str:
    name = os.path.basename(argument)
    return name[:-4] if name.lower().endswith(".exe") else name


def _program(site: str, facts: dict[str, Any], name: str) -> str:
    script = facts["scripts"].get(name)
    if script is None:
        raise RuntimeError(f"{facts['distribution']} has no tool of this name")
    path = script["path"].replace("/", os.sep)
    if script["devel"] and (root := _ready_root(site, name)):
        in_devel = os.path.join(site, root, path)
        if os.path.exists(in_devel):
            return in_devel
    program = os.path.join(site, facts["platform_package"], path)
    if not os.path.exists(program):
        raise RuntimeError(f"{program} is missing; reinstall {facts['distribution']}=={facts['version']}")
    return program


def _ready_root(site: str, name: str) -> str | None:
    roots = _site.devel_roots(site)
    if not roots:
        return None
    root = _chosen(roots, name)
    if not _site.is_current(site, root):
        from rocm_sdk_core import _devel, _progress  # only now: what they import takes longer than all above

        with _progress.bar(f"{name}: making the devel tree, once") as tick:
            _devel.make(site, root, tick=tick)
    return root


def _chosen(roots: dict[str, dict[str, Any]], name: str) -> str:
    families = {facts["family"]: root for root, facts in roots.items()}
    if len(families) > 1:
        families.pop("generic", None)  # what all families share; each family's own tree leads into it
    wanted = os.environ.get("ROCM_SDK_TARGET_FAMILY", "")
    for family, root in families.items():
        if family.lower() == wanted.lower():
            return root
    first = sorted(families)[0]
    if wanted and first != "generic":
        _note(
            name,
            f"ROCM_SDK_TARGET_FAMILY is {wanted}, but devel is there for {_join(families)}; using {first}",
        )
    elif len(families) > 1:
        _note(
            name,
            f"devel is installed for {_join(families)}; using {first}; set ROCM_SDK_TARGET_FAMILY to choose",
        )
    return families[first]


def _join(families: dict[str, str]) -> str:
    return " and ".join(sorted(families))


def _note(name: str, text: str) -> None:
    print(f"{name}: note: {text}", file=sys.stderr)


def _become(program: str, arguments: list[str]) -> NoReturn:
    if os.name == "nt":
        _run_child(program, arguments)
    sys.stdout.flush()
    try:
        os.execv(program, [program, *arguments])
    except OSError as error:
        raise SystemExit(f"{program}: cannot be run: {error.strerror}") from None


def _run_child(program: str, arguments: list[str]) -> NoReturn:
    """Windows has no exec: wait for the child, leave Ctrl-C to it, hand on its exit code."""
    import signal
    import subprocess

    from rocm_sdk_core import _windows

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, signal.SIG_IGN)
    try:
        code = subprocess.run([program, *arguments], check=False).returncode
    except OSError as error:
        raise SystemExit(f"{program}: cannot be run: {error.strerror}") from None
    sys.exit(_windows.exit_code(code))
