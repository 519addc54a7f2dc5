# ruff: noqa: PTH100, PTH110, PTH118, PTH120
# Imported at each start of a tool: os alone takes no time to import.
"""Console scripts, a function each, named like the tool: find its program and become it.

The functions are made when they are asked for: the table of scripts beside the programs says which there are. What a
script is called on disk does not matter: people make links of other names, and pex and shiv start a function.
"""

from __future__ import annotations

import os
import sys

from rocm_sdk_core import _site
from rocm_sdk_core._errors import NoLinks

TYPE_CHECKING = False  # typing takes longer to import than a tool takes to start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn


def __getattr__(function: str) -> Callable[[], NoReturn]:
    return tool(__name__, function)


def tool(module: str, function: str) -> Callable[[], NoReturn]:
    """Return the function that runs a tool of the package that ``module`` belongs to.

    It replaces this process by the program, with the arguments of this process. A tool that is marked for it runs from
    the devel tree if one is installed, which is made on first use.
    """
    import_name = module.partition(".")[0]
    if function.startswith("__"):  # import systems ask for these
        raise AttributeError(f"module {module!r} has no attribute {function!r}")
    site = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        facts = _site.read_facts(os.path.join(site, f"_{import_name}", import_name + _site.FACTS))
    except OSError as error:
        raise SystemExit(f"{function}: {error.filename}: {error.strerror}; reinstall the package") from None
    except RuntimeError as error:
        raise SystemExit(f"{function}: {error}") from None
    for name in facts["scripts"]:
        if identifier(name) == function:
            return lambda: _run(site, facts, name)
    raise AttributeError(f"{facts['distribution']} has no tool for {function!r}")


def identifier(name: str) -> str:
    """Return the function's name of a tool: ``amdclangpp`` of ``amdclang++``, ``amd_smi`` of ``amd-smi``."""
    return "".join("p" if one == "+" else one if one.isalnum() else "_" for one in name)


def _run(site: str, facts: dict[str, Any], name: str) -> NoReturn:
    try:
        program = _program(site, facts, name)
    except OSError as error:
        raise SystemExit(f"{name}: {error.filename}: {error.strerror}; reinstall the package") from None
    except RuntimeError as error:
        raise SystemExit(f"{name}: {error}") from None
    _become(program, sys.argv[1:])


def _program(site: str, facts: dict[str, Any], name: str) -> str:
    script = facts["scripts"][name]
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
        _note(name, "devel is not installed, so HIP programs do not compile; 'rocm-sdk doctor' says what to install")
        return None
    root = _chosen(site, roots, name)
    if not _site.is_current(site, root):
        from rocm_sdk_core import _devel, _progress  # only now: what they import takes longer than all above

        try:
            with _progress.bar(f"{name}: making the devel tree, once") as tick:
                _devel.make(site, root, tick=tick)
        except NoLinks as error:
            _note(name, f"{error}; core's own {name} is started")
            return None
    return root


def _chosen(site: str, roots: dict[str, dict[str, Any]], name: str) -> str:
    families = {facts["family"]: root for root, facts in roots.items()}
    if len(families) > 1:
        families.pop("generic", None)  # what all families share; each family's own tree leads into it
    wanted = os.environ.get("ROCM_SDK_TARGET_FAMILY", "")
    for family, root in families.items():
        if family.lower() == wanted.lower():
            return root
    led = _site.alias(site)
    first = next((family for family, root in families.items() if root == led), sorted(families)[0])
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
    """Tell a person on a terminal; what goes to a pipe is the program's alone."""
    if not sys.stderr.isatty():
        return
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
