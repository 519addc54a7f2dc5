"""``rocm-sdk doctor``: what a bug report needs, and what is wrong, each with what to do about it."""

from __future__ import annotations

import json
import os
import platform
import sys
from typing import Any

from rocm_sdk_core import _devel
from rocm_sdk_core._errors import SdkError, listed

from rocm_sdk import _diagnosis, _files, _gpus, _roots, _windows
from rocm_sdk._facts import facts
from rocm_sdk._installed import Installed, advice, chosen_family, installed

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
        "family": _family_section(wheels),
        "gpus": {"found": ", ".join(gpus) or "none", **({} if _WINDOWS else {DEVICE: _access(DEVICE)})},
        **({"windows": _windows.section(wheels)} if _WINDOWS else {}),
        "devel": {wheel.platform_package: _devel_state(wheel) for wheel in _roots.devel_wheels()}
        or f"not installed, so HIP programs do not compile; {advice('devel')}",
        "environment": {name: value for name, value in sorted(os.environ.items()) if name.startswith(VARIABLES)},
        "problems": [*(problem.text for problem in _diagnosis.problems(gpus)), *_damage()],
    }


def _damage() -> list[str]:
    """Sizes and places alone: ``rocm-sdk check`` reads everything. What brings files back brings links back, too."""
    told = _files.told(_files.damage(_files.recorded()))
    return [told] if told else [text for wheel in _roots.devel_wheels() if (text := _wrong_links(wheel))]


def _wrong_links(wheel: Installed) -> str:
    """A tree that is not made yet, or outdated, is made on first use: no problem."""
    if not _roots.is_current(wheel):
        return ""
    try:
        wrong = _devel.suspects(str(wheel.site), wheel.platform_package)
    except SdkError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename or wheel.directory}: {(error.strerror or str(error)).lower()}; run 'rocm-sdk init'"
    return f"{wheel.directory}: links are gone or outdated: {listed(wrong)}; run 'rocm-sdk init'" if wrong else ""


def _family_section(wheels: list[Installed]) -> dict[str, str]:
    families = sorted({wheel.family for wheel in wheels} - {"generic"})
    section = {"installed": ", ".join(families) or "none"}
    if not families:
        return section | {"chosen": "none"}
    if facts().is_split:
        return section | {"chosen": ", ".join(families), "because": "all that are installed serve"}
    try:
        choice = chosen_family(families, _diagnosis.package_for_gpus())
    except (ModuleNotFoundError, RuntimeError):
        return section | {"chosen": "none"}
    return section | {"chosen": choice.families[0], "because": choice.reason}


def _devel_state(wheel: Installed) -> str:
    if _roots.is_current(wheel):
        return "complete"
    return "not made, or outdated: run 'rocm-sdk init'; the first use of a tool does it too"


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
