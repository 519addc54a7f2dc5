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

from rocm_sdk import _installed
from rocm_sdk._facts import Library, facts

PRELOAD_VARIABLE = "ROCM_SDK_PRELOAD_LIBRARIES"

_loaded: dict[Path, ctypes.CDLL] = {}  # a handle that is dropped would not unload, but two would count twice


def find_libraries(*shortnames: str) -> list[Path]:
    """See :func:`rocm_sdk.find_libraries`."""
    directories = lru_cache(_installed.package_directory)  # for this call only: packages come and go
    return [path for name in shortnames if (path := _find(_known(name), directories)) is not None]


def preload_libraries(*shortnames: str, rtld_global: bool = True) -> None:
    """See :func:`rocm_sdk.preload_libraries`."""
    mode = ctypes.RTLD_GLOBAL if rtld_global else ctypes.RTLD_LOCAL
    if sys.platform == "win32":
        _load_on_windows(find_libraries(*shortnames), mode)
        return
    for path in find_libraries(*shortnames):
        if path not in _loaded:
            _loaded[path] = ctypes.CDLL(str(path), mode=mode)


def _load_on_windows(paths: Iterable[Path], mode: int) -> None:
    from rocm_sdk import _windows

    _windows.add_directories()
    for path in paths:
        _windows.load(path, _loaded, mode)


def preloads_of_environment() -> list[str]:
    """Return the names in ``ROCM_SDK_PRELOAD_LIBRARIES``."""
    return [name for part in re.split(r"[,;]", os.environ.get(PRELOAD_VARIABLE, "")) if (name := part.strip())]


def check_version(pattern: str | re.Pattern[str] | None, *, fail: bool) -> None:
    """Compare this build's version; a mismatch raises ``RuntimeError`` or warns."""
    if pattern is None:
        return
    version = facts().version
    expression = re.compile(".*".join(map(re.escape, pattern.split("*")))) if isinstance(pattern, str) else pattern
    if expression.fullmatch(version):
        return
    wanted = pattern if isinstance(pattern, str) else pattern.pattern
    message = f"rocm {version} is installed, but this program was built for {wanted}"
    if fail:
        raise RuntimeError(message)
    warnings.warn(message, RuntimeWarning, stacklevel=3)


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
