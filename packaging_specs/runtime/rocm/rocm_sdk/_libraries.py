"""Find, load and check: what :mod:`rocm_sdk` offers to programs."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from rocm_sdk import _ALL_CDLLS, _installed
from rocm_sdk._facts import Library, facts

PRELOAD_VARIABLE = "ROCM_SDK_PRELOAD_LIBRARIES"


def find_libraries(*shortnames: str) -> list[Path]:
    """See :func:`rocm_sdk.find_libraries`."""
    found = _found(shortnames)
    return [found[name] for name in shortnames if name in found]


def preload_libraries(*shortnames: str, rtld_global: bool = True) -> None:
    """See :func:`rocm_sdk.preload_libraries`."""
    mode = ctypes.RTLD_GLOBAL if rtld_global else ctypes.RTLD_LOCAL
    if sys.platform == "win32":
        from rocm_sdk import _windows

        _windows.add_directories()  # also when nothing is named: programs load ROCm's DLLs by themselves then
    for name, path in _found(shortnames).items():
        loaded = _ALL_CDLLS.get(name)
        if loaded is None or loaded._name != str(path):  # with two families the variable may lead elsewhere by now
            _ALL_CDLLS[name] = _load(path, mode)


def _load(path: Path, mode: int) -> ctypes.CDLL:
    try:
        if sys.platform == "win32":
            from rocm_sdk import _windows

            return _windows.load(path, mode)
        return ctypes.CDLL(str(path), mode=mode)
    except OSError as error:
        from rocm_sdk import _diagnosis

        raise OSError(_diagnosis.with_cause(error)) from None


def preload_named_by_environment(*, rtld_global: bool) -> None:
    """Load what ``ROCM_SDK_PRELOAD_LIBRARIES`` names.

    :raises RuntimeError: when that is not possible; programs expect this class, and the variable in the text.
    """
    value = os.environ.get(PRELOAD_VARIABLE, "")
    names = [name for part in re.split(r"[,;]", value) if (name := part.strip())]
    try:
        preload_libraries(*names, rtld_global=rtld_global)
    except (ImportError, OSError, RuntimeError) as error:
        raise RuntimeError(f"{PRELOAD_VARIABLE} is {value!r}: {error}; correct or unset it") from error


def check_version(pattern: str | re.Pattern[str] | None, *, fail: bool) -> None:
    """Compare this build's version; a mismatch raises ``RuntimeError`` or warns."""
    version = facts().version
    if not pattern:
        return
    if _accepts(pattern, version):
        _check_others(fail=fail)
        return
    wanted = pattern if isinstance(pattern, str) else pattern.pattern
    message = (
        f"The program was compiled against a ROCm version matching {wanted!r}, but rocm {version} is installed; "
        f"install the rocm that it wants, or a build of the program for rocm {version}"
    )
    if fail:
        raise RuntimeError(message)
    warnings.warn(message, UserWarning, stacklevel=3)  # programs filter on this class and on the beginning


def _check_others(*, fail: bool) -> None:
    """The version of rocm alone says little where its packages are of others."""
    from rocm_sdk import _diagnosis

    wrong = "; ".join(problem.text for problem in _diagnosis.problems() if problem.kind == "versions")
    if wrong and fail:
        raise RuntimeError(wrong)
    if wrong:
        warnings.warn(wrong, UserWarning, stacklevel=4)


def _accepts(pattern: str | re.Pattern[str], version: str) -> bool:
    if isinstance(pattern, str):
        return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), version) is not None
    return pattern.match(version) is not None


def _found(names: Iterable[str]) -> dict[str, Path]:
    directories = lru_cache(_installed.package_directory)  # for this call only: packages come and go
    found = {name: _find(_known(name), directories) for name in dict.fromkeys(names)}
    return {name: path for name, path in found.items() if path is not None}


def _known(name: str) -> Library:
    library = facts().libraries.get(name)
    if library is None:
        known = ", ".join(sorted(facts().libraries))
        raise ModuleNotFoundError(f"rocm {facts().version} has no library {name!r}; it has: {known}")
    return library


def _find(library: Library, directory_of: Callable[[str], Path]) -> Path | None:
    pattern = library.windows if sys.platform == "win32" else library.linux
    if pattern is None:
        return None
    try:
        directory = directory_of(library.package)
    except ModuleNotFoundError:
        if library.optional:
            return None
        raise
    matches = sorted(directory.glob(pattern), key=lambda path: _preference(path.name))
    if matches:
        return matches[0]
    if library.optional:
        return None
    raise FileNotFoundError(f"{directory / pattern}: the installed package has no library {library.name!r}")


def _preference(name: str) -> tuple[bool, int, str]:
    """The name with a version is the library, ``libfoo.so`` may be a forwarder. Of DLLs the shortest name."""
    return (".so." not in name and ".so" in name, len(name), name)
