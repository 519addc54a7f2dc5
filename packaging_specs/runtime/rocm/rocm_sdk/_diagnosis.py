"""What is wrong with this installation: the places of the wheels, the families, and variables that lead elsewhere.

``doctor``, ``test``, ``check``, ``init``, ``path`` and errors of libraries ask here; each sentence says what ends it.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rocm_sdk_core import _places
from rocm_sdk_core._errors import listed
from rocm_sdk_core._places import Problem

from rocm_sdk import _family
from rocm_sdk._facts import facts
from rocm_sdk._installed import Installed, advice, chosen_family, install_command, installed

OBEYED = ("ROCM_PATH", "HIP_PATH", "HIP_CLANG_PATH", "HIP_DEVICE_LIB_PATH", "DEVICE_LIB_PATH")  # by hipcc and clang
SEARCHED = "LD_LIBRARY_PATH"


def problems(gpus: tuple[str, ...] = (), environment: Mapping[str, str] = os.environ) -> list[Problem]:
    """Return everything that is wrong here; ``gpus``: of this machine, which need code."""
    wheels = installed()
    found = [*placed(), *_other_release(wheels), *_families(wheels, gpus)]
    found += [*_misleading(wheels, environment), *_hidden(wheels, environment)]
    if sys.platform == "win32":
        from rocm_sdk import _windows

        found += [Problem("windows", text) for text in _windows.problems(wheels)]
    if any(problem.kind == "lost" for problem in found):  # what is listed as installed is absent for that reason
        return [problem for problem in found if problem.kind != "absent"]
    return found


def placed() -> list[Problem]:
    """Return what is wrong with the places, versions and rights of the wheels."""
    return _places.problems(_places.wheels())


def with_cause(error: BaseException) -> str:
    """Return an error's text with what is wrong with the places of the wheels, which may be why."""
    return "; ".join([str(error), *(problem.text for problem in placed() if problem.kind != "alias")])


def package_for_gpus() -> str:
    """Return the package that holds device code in this layout."""
    return "device" if facts().is_split else "libraries"


def _other_release(wheels: list[Installed]) -> Iterator[Problem]:
    release = facts().version
    other = [w for w in wheels if w.version.partition(".post")[0] != release.partition(".post")[0]]
    if other and len({wheel.version for wheel in wheels}) == 1:  # else the wheels differ among themselves: told
        told = listed(f"{wheel.distribution} {wheel.version}" for wheel in other)
        command = install_command([f"rocm=={release}", *(f"{wheel.distribution}=={release}" for wheel in other)])
        yield Problem("versions", f"rocm is {release}, but there is {told}; install one version of all: {command}")


def _families(wheels: list[Installed], gpus: tuple[str, ...]) -> Iterator[Problem]:
    families = sorted({wheel.family for wheel in wheels} - {"generic"})
    if not families:
        yield Problem("absent", f"no GPU code is installed; {advice(package_for_gpus())}")
        return
    yield from (Problem("gpu", text) for text in _foreign_gpus(families, gpus))
    if facts().is_split:
        yield from (Problem("family", text) for text in _named_but_absent(families))
        return
    try:
        chosen_family(families, package_for_gpus())
    except (ModuleNotFoundError, RuntimeError) as error:
        yield Problem("family", str(error))


def _foreign_gpus(families: list[str], gpus: tuple[str, ...]) -> Iterator[str]:
    for gpu in gpus:
        names = {gpu, *(facts().targets[gpu].families if gpu in facts().targets else ())}
        if not names & set(families):
            built = _family.families_of_gpus([gpu], facts())
            all_built = f"this build is for {', '.join(facts().families)}"
            remedy = advice(package_for_gpus(), built[0]) if built else all_built
            yield f"the GPU {gpu} has no code here: {', '.join(families)} is installed; {remedy}"


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


def _misleading(wheels: list[Installed], environment: Mapping[str, str]) -> Iterator[Problem]:
    for name in OBEYED:
        value = environment.get(name, "")
        if value and not _is_ours(value, wheels):
            command = f"set {name}=" if sys.platform == "win32" else f"unset {name}"
            text = f"{name} is {value}, which hipcc and clang obey: they do not use this ROCm; run: {command}"
            yield Problem("variable", text)


def _hidden(wheels: list[Installed], environment: Mapping[str, str]) -> Iterator[Problem]:
    """Directories of LD_LIBRARY_PATH whose libraries programs find in the place of ours."""
    entries = [entry for entry in environment.get(SEARCHED, "").split(os.pathsep) if entry]
    ours = {name for wheel in wheels for name in _sonames(wheel.directory / "lib")}
    hiding = {entry: ours & set(_sonames(Path(entry))) for entry in entries if not _is_ours(entry, wheels)}
    bad = {entry: names for entry, names in hiding.items() if names}
    if not bad:
        return
    told = "; ".join(f"{entry} has {listed(names)}" for entry, names in bad.items())
    rest = os.pathsep.join(entry for entry in entries if entry not in bad)
    command = f"export {SEARCHED}={shlex.quote(rest)}" if rest else f"unset {SEARCHED}"
    text = f"{SEARCHED} leads programs to other libraries than those installed here: {told}; run: {command}"
    yield Problem("variable", text)


def _sonames(directory: Path) -> Iterable[str]:
    try:
        return [name for name in os.listdir(directory) if ".so." in name]  # noqa: PTH208
    except OSError:
        return []


def _is_ours(path: str, wheels: list[Installed]) -> bool:
    real = Path(os.path.realpath(path))
    homes = {Path(os.path.realpath(wheel.directory)) for wheel in wheels}
    return any(home == real or home in real.parents for home in homes)
