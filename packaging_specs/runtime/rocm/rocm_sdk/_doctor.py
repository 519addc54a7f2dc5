"""``rocm-sdk doctor``: what a bug report needs, and what is wrong, each with what to do about it."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from typing import Any

from rocm_sdk_core import _devel

from rocm_sdk import _family, _gpus, _roots, _windows
from rocm_sdk._facts import facts
from rocm_sdk._installed import Installed, advice, chosen_family, installed, sites

VARIABLES = ("ROCM_", "HIP_", "HSA_", "LD_LIBRARY_PATH", "LD_PRELOAD")
DEVICE = "/dev/kfd"  # what programs open to use a GPU (amdkfd)
_WINDOWS = sys.platform == "win32"


def run(*, as_json: bool) -> int:
    """Print the report and return 1 if something is wrong."""
    report = diagnose()
    if as_json:
        print(json.dumps(report, indent=2, sort_keys=True))
    else:
        for title, content in report.items():
            _print_section(title, content)
    return 1 if report["problems"] else 0


def diagnose() -> dict[str, Any]:
    """Return the sections of the report; ``problems`` is a list of sentences."""
    wheels = installed()
    gpus = _gpus.gpu_targets()
    family, problems = _family_section(wheels, gpus)
    return {
        "python": {
            "version": platform.python_version(),
            "executable": sys.executable,
            "platform": platform.platform(),
        },
        "rocm": {
            "version": facts().version,
            "layout": facts().layout,
            "built for": ", ".join(facts().families),
        },
        "packages": {wheel.distribution: f"{wheel.version} in {wheel.site}" for wheel in wheels},
        "family": family,
        "gpus": {"found": ", ".join(gpus) or "none", **({} if _WINDOWS else {DEVICE: _access(DEVICE)})},
        **({"windows": _windows.section(wheels)} if _WINDOWS else {}),
        "devel": {wheel.platform_package: _devel_state(wheel) for wheel in _roots.devel_wheels()} or "not installed",
        "environment": {name: value for name, value in sorted(os.environ.items()) if name.startswith(VARIABLES)},
        "problems": [
            *_version_problems(wheels),
            *_duplicates(wheels),
            *problems,
            *(_windows.problems(wheels) if _WINDOWS else ()),
        ],
    }


def _family_section(wheels: list[Installed], gpus: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    families = sorted({wheel.family for wheel in wheels} - {"generic"})
    section = {"installed": ", ".join(families) or "none"}
    if not families:
        return section | {"chosen": "none"}, [f"no GPU code is installed; {advice(_per_family_package())}"]
    problems = _foreign_gpus(families, gpus)
    if facts().is_split:
        section |= {"chosen": ", ".join(families), "because": "all that are installed serve"}
        return section, [*problems, *_named_but_absent(families)]
    try:
        choice = chosen_family(families, _per_family_package())
    except (ModuleNotFoundError, RuntimeError) as error:
        return section | {"chosen": "none"}, [*problems, str(error)]
    return section | {"chosen": choice.families[0], "because": choice.reason}, problems


def _per_family_package() -> str:
    return "device" if facts().is_split else "libraries"


def _foreign_gpus(families: list[str], gpus: tuple[str, ...]) -> list[str]:
    problems = []
    for gpu in gpus:
        names = {gpu, *(facts().targets[gpu].families if gpu in facts().targets else ())}
        if not names & set(families):
            built = _family.families_of_gpus([gpu], facts())
            all_built = f"this build is for {', '.join(facts().families)}"
            remedy = advice(_per_family_package(), built[0]) if built else all_built
            problems.append(f"the GPU {gpu} has no code here: {', '.join(families)} is installed; {remedy}")
    return problems


def _named_but_absent(families: list[str]) -> list[str]:
    named = os.environ.get(_family.VARIABLE, "").strip()
    try:
        wanted = _family.named_families(named, facts()) if named else ()
    except _family.UnknownFamily as error:
        return [str(error)]
    return [
        f"{_family.VARIABLE} is {named}, but {family} has no code here; {advice('device', family)}"
        for family in wanted
        if family not in families
    ]


def _version_problems(wheels: list[Installed]) -> list[str]:
    problems = []
    for site in dict.fromkeys(wheel.site for wheel in wheels):
        problems += _problem_of(lambda site=site: _devel.check_versions(str(site)))  # type: ignore[misc]
    problems += [
        f"rocm is {facts().version}, but {wheel.distribution} is {wheel.version}; install one version of all"
        for wheel in wheels
        if wheel.version.partition(".post")[0] != facts().version.partition(".post")[0]
    ]
    return problems


def _duplicates(wheels: list[Installed]) -> list[str]:
    homes = {wheel.site for wheel in wheels}
    if len(homes) < 2:
        return []
    places = ", ".join(str(site) for site in sites() if site in homes)
    return [f"the ROCm packages are in several places, but their libraries look for each other in one: {places}"]


def _devel_state(wheel: Installed) -> str:
    if _roots.is_current(wheel):
        return "complete"
    return "not made, or outdated: run 'rocm-sdk init'; the first use of a tool does it too"


def _problem_of(action: Callable[[], None]) -> list[str]:
    try:
        action()
    except RuntimeError as error:
        return [str(error)]
    return []


def _access(path: str) -> str:
    if not os.path.exists(path):  # noqa: PTH110
        return "missing: no driver, or not passed into this container"
    return "accessible" if os.access(path, os.R_OK | os.W_OK) else "no permission: join the group that owns it"


def _print_section(title: str, content: object) -> None:
    print(f"{title}:")
    if not content:
        print("  none")
    elif isinstance(content, dict):
        for name, value in content.items():
            print(f"  {name}: {value}")
    elif isinstance(content, list):
        for value in content:
            print(f"  {value}")
    else:
        print(f"  {content}")
