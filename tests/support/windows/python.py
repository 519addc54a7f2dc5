"""A CPython for Windows, assembled from PyPI: python.org's own signed build, as it runs under Wine.

``python311.dll`` and the extension modules come from the wheel of panda3d, Microsoft's C and C++ runtimes from that of
msvc-runtime, the standard library from the Python that runs the tests, ``python.exe`` from ``sources/python.c``.
Missing are ensurepip, tkinter, idlelib, the test package, headers and import libraries. Nothing of it is handed on.
"""

from __future__ import annotations

import compileall
import fcntl
import hashlib
import platform
import shutil
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

import pytest

from tests.support.windows import downloads, mingw

_SOURCES = Path(__file__).with_name("sources")
_DLLS = "deploy_libs/"  # in panda3d
_DLLS_LEFT_OUT = ("api-ms-win-", "vcruntime140", "tcl86t", "tk86t", "_tkinter", "_msi", "winsound")
_RUNTIME = "msvc_runtime-14.44.35112.data/data/Scripts/"  # in msvc-runtime
_RUNTIME_TAKEN = ("vcruntime140", "msvcp140")
_LIBRARY_LEFT_OUT = (
    *("test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "site-packages", "dist-packages"),
    *(
        "lib-dynload",
        "config-*",
        "__pycache__",
        "*.so",
        "_sysconfigdata*",
        "sitecustomize.py",
        "EXTERNALLY-MANAGED",
    ),  # the last is Debian's
)


def windows_python() -> Path:
    """Return the directory of python.exe; made in the cache when it is not there. Skips where it cannot be made."""
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the Windows Python is a 3.11 and takes the standard library of the Python that runs the tests")
    mingw.require()
    made = downloads.cache() / f"python-{platform.python_version()}-{_digest()}"
    downloads.cache().mkdir(parents=True, exist_ok=True)
    with (downloads.cache() / "python.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of one run
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=downloads.cache()) as directory:
                tree = Path(directory, "python")
                _assemble(tree)
                tree.rename(made)
    return made


def _digest() -> str:
    content = b"".join(file.read_bytes() for file in (Path(__file__), *sorted(_SOURCES.iterdir())))
    pinned = {name: downloads.PINNED[name] for name in ("msvc-runtime", "panda3d", "pip")}
    return hashlib.sha256(content + repr(pinned).encode()).hexdigest()[:16]


def _assemble(tree: Path) -> None:
    library = tree / "Lib"
    shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=shutil.ignore_patterns(*_LIBRARY_LEFT_OUT))
    with zipfile.ZipFile(downloads.wheel("pip")) as wheel:
        wheel.extractall(library / "site-packages")
    compileall.compile_dir(library, quiet=2)
    launchers = library / "venv" / "scripts" / "nt"
    for directory in (tree / "DLLs", tree / "wine", launchers):
        directory.mkdir(exist_ok=True)
    for path, content in downloads.members("panda3d", _DLLS):
        name = path.removeprefix(_DLLS)
        if not name.lower().startswith(_DLLS_LEFT_OUT):
            (tree / ("" if name == "python311.dll" else "DLLs") / name).write_bytes(content)
    for path, content in downloads.members("msvc-runtime", _RUNTIME):
        name = path.removeprefix(_RUNTIME)
        if name.lower().startswith(_RUNTIME_TAKEN):
            (tree / name).write_bytes(content)
    _compile("python", tree / "python.exe", "-municode")
    for name in ("python.exe", "pythonw.exe"):  # uv wants both
        shutil.copy2(tree / "python.exe", launchers / name)
    _compile("bcryptprimitives", tree / "wine" / "bcryptprimitives.dll", "-shared", "-ladvapi32")


def _compile(name: str, target: Path, *flags: str) -> None:
    mingw.run("gcc", "-Os", "-s", _SOURCES / f"{name}.c", "-o", target, *flags)
