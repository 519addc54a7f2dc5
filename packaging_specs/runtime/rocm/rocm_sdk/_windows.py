"""Loading DLLs so that Windows finds what they need, and what the doctor knows of Windows.

A DLL that is loaded by its absolute path finds others in its own directory, in those that Python added, beside
python.exe and in System32; what is loaded is found first. PATH is never looked at.
"""

from __future__ import annotations

import ctypes
import os
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from rocm_sdk_core._errors import SdkError

from rocm_sdk import _installed, _loads
from rocm_sdk._facts import facts
from rocm_sdk._installed import Installed

REDISTRIBUTABLE = "https://aka.ms/vs/17/release/vc_redist.x64.exe"

_added: dict[str, Any] = {}  # directory -> what add_dll_directory returned; dropping it would end the addition
_loaded: dict[Path, ctypes.CDLL] = {}  # what was loaded, for others, too


def add_directories() -> None:
    """Let Windows look into the ``bin`` of each installed package, of the chosen family where there are several."""
    for package in facts().packages:
        with suppress(ModuleNotFoundError, SdkError):
            add_directory(_installed.package_directory(package) / "bin")


def add_directory(directory: Path) -> None:
    """Let Windows look into a directory, once, for as long as this process lives."""
    name = os.path.normpath(directory)
    if name not in _added and os.path.isdir(name):  # noqa: PTH112
        _added[name] = os.add_dll_directory(name)  # type: ignore[attr-defined,unused-ignore]


def load(library: Path, mode: int = ctypes.DEFAULT_MODE) -> ctypes.CDLL:
    """Load a DLL behind what it needs, in order, each once; return it.

    :raises OSError: when Windows refuses one; says what is missing if that is known.
    :raises SdkError: when a DLL that the build knew of is not there.
    """
    paths = _loads.in_order(library)
    add_directories()
    for path in paths:
        add_directory(path.parent)
    for path in paths:
        if path not in _loaded:
            _warn_of_another(path)
            _loaded[path] = _opened(path, mode)
    return _loaded[library]


def section(wheels: Iterable[Installed]) -> dict[str, str]:
    """Return what the doctor tells of Windows."""
    ours = _dlls(wheels)
    rows = {}
    for name, path in sorted(ours.items()):
        driver = system_directory() / name
        if driver.is_file():
            rows[name] = f"{file_version(path)} in {path.parent}, {file_version(driver)} in {driver.parent}"
    rows["Microsoft's C++ runtime"] = _state_of(_runtime(wheels))
    return rows


def problems(wheels: Iterable[Installed]) -> list[str]:
    """Return a sentence for each thing that keeps ROCm from working on Windows."""
    wheels = list(wheels)
    found = []
    if missing := _absent(_runtime(wheels)):
        found.append(f"Microsoft's C++ runtime is not complete: no {', '.join(missing)}; install {REDISTRIBUTABLE}")
    beside = sorted({Path(sys.executable).parent, Path(sys.base_prefix)})  # a virtual environment starts its base
    for file in (directory / name for directory in beside for name in sorted(_dlls(wheels))):
        if file.is_file():
            found.append(f"{file}: lies beside python.exe, so it is loaded instead of ROCm's own; remove it")
    return found


def file_version(path: Path) -> str:
    """Return the version in a file's resources, "10.0.3581.0", or "no version"."""
    version = ctypes.WinDLL("version")  # type: ignore[attr-defined,unused-ignore]
    size = version.GetFileVersionInfoSizeW(str(path), None)
    content = ctypes.create_string_buffer(max(size, 1))
    fixed, length = ctypes.c_void_p(), ctypes.c_uint()
    if not size or not version.GetFileVersionInfoW(str(path), 0, size, content):
        return "no version"
    if not version.VerQueryValueW(content, "\\", ctypes.byref(fixed), ctypes.byref(length)) or not fixed.value:
        return "no version"
    numbers = ctypes.cast(fixed.value, ctypes.POINTER(ctypes.c_uint32))  # VS_FIXEDFILEINFO
    return ".".join(str(part) for number in numbers[2:4] for part in (number >> 16, number & 0xFFFF))


def system_directory() -> Path:
    """Return Windows's own directory of DLLs, where drivers put theirs."""
    return Path(os.environ.get("SYSTEMROOT", "C:\\Windows")) / "System32"


def _state_of(needed: list[str]) -> str:
    if not needed:
        return "not needed"
    missing = _absent(needed)
    return f"no {', '.join(missing)}" if missing else "complete"


def _opened(path: Path, mode: int) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(path), mode=mode)
    except OSError as error:
        if not isinstance(error, FileNotFoundError) or not path.is_file():
            raise
        directory = _loads.platform_directory(path)
        missing = _absent(_loads.read(directory).runtime) if directory else []
        if missing:
            reason = f"there is no {', '.join(missing)} of Microsoft's C++ runtime; install {REDISTRIBUTABLE}"
        else:
            reason = "a DLL that it needs is not found; run 'rocm-sdk check' and 'rocm-sdk doctor'"
        raise OSError(f"{path}: cannot be loaded: {reason}") from None


def _warn_of_another(path: Path) -> None:
    """One name is one DLL: what is imported by a name is taken from what is loaded, wherever that is from."""
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    kernel.GetModuleHandleW.restype = ctypes.c_void_p
    handle = kernel.GetModuleHandleW(path.name)
    if not handle:
        return
    buffer = ctypes.create_unicode_buffer(1 << 15)
    kernel.GetModuleFileNameW(ctypes.c_void_p(handle), buffer, len(buffer))
    if buffer.value and not path.samefile(buffer.value):
        message = f"{buffer.value} is loaded, and ROCm's libraries will use it instead of {path}"
        warnings.warn(message, RuntimeWarning, stacklevel=6)


def _dlls(wheels: Iterable[Installed]) -> dict[str, Path]:
    """Return the DLLs that lie in the packages' ``bin``, by name."""
    return {path.name: path for wheel in wheels for path in sorted((wheel.directory / "bin").glob("*.dll"))}


def _runtime(wheels: Iterable[Installed]) -> list[str]:
    directories = {wheel.directory for wheel in wheels}
    return sorted({name for directory in directories for name in _loads.read(directory).runtime})


def _absent(names: Iterable[str]) -> list[str]:
    """Return the DLLs that Windows does not find for this process."""
    absent = []
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            absent.append(name)
    return absent
