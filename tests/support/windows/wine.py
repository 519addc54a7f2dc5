"""Windows programs under Wine.

What Wine does like Windows: hard links and their errors, locks, replacing and removing open files and loaded DLLs,
which DLL is found. What it does not: symbolic links (silently none), junctions, missing symbols, MAX_PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import pytest

from tests.support.windows.python import windows_python

TIMEOUT = 300  # seconds a program may take
_TOOLS = ("wine", "wineserver", "wineboot")
_OURS = ("PIP_", "UV_", "ROCM_", "HIP_", "PYTHON", "VIRTUAL_ENV", "DISPLAY", "WAYLAND_DISPLAY")


@dataclass(frozen=True)
class Wine:
    """A Windows of its own: a prefix whose server runs."""

    prefix: Path

    @property
    def system32(self) -> Path:
        return self.prefix / "drive_c" / "windows" / "system32"

    def run(self, program: Path | str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; its standard streams are pipes, as Python gives up where one is a file."""
        command = ["wine", str(program), *map(str, arguments)]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
            env=self.environment(variables),
        )
        texts = (stream.decode(errors="replace").replace("\r\n", "\n") for stream in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(command, done.returncode, *texts)

    def start(self, program: Path | str, *arguments: object, **variables: str) -> subprocess.Popen[bytes]:
        """Start a program; who starts it ends it."""
        return subprocess.Popen(
            ["wine", str(program), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment(variables),
        )

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        """Return the variables of a program: nothing of this process's Python, pip and ROCm."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        wine = {"WINEPREFIX": str(self.prefix), "WINEARCH": "win64", "WINEDEBUG": "-all"}
        quiet = {"WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe="}
        return kept | wine | quiet | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1"} | variables


@dataclass(frozen=True)
class Environment:
    """A Windows Python of a test's own."""

    wine: Wine
    directory: Path

    @property
    def site(self) -> Path:
        return self.directory / "Lib" / "site-packages"

    def python(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run python.exe."""
        return self.wine.run(self.directory / "python.exe", *arguments, **variables)

    def script(self, name: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a console script."""
        return self.wine.run(self.directory / "Scripts" / f"{name}.exe", *arguments, **variables)

    def pip(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run pip, which has to succeed."""
        done = self.python("-m", "pip", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def uv(self, program: Path, command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run ``uv pip`` for this Python, which has to succeed."""
        ours = ("--python", windows(self.directory / "python.exe"))
        variables = {"UV_OFFLINE": "1", "UV_CACHE_DIR": windows(self.directory / "uv-cache")}
        done = self.wine.run(program, "pip", command, *ours, *arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done


def windows(path: Path) -> str:
    """Return the path as Windows programs see it: Wine's drive Z is this machine's root."""
    return str(PureWindowsPath(f"Z:{path}"))


def environment(wine: Wine, directory: Path) -> Environment:
    """Make a copy of the Windows Python, of hard links, in ``directory``."""
    shutil.copytree(windows_python(), directory, copy_function=os.link)
    return Environment(wine, directory)


@contextmanager
def wine(prefix: Path) -> Iterator[Wine]:
    """Make a Windows in ``prefix``, and end it. Skips where there is no Wine."""
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"no {', no '.join(missing)}: apt-get install --no-install-recommends wine64 wine")
    base = windows_python()
    made = Wine(prefix)
    variables = made.environment({})

    def call(*command: str) -> None:
        subprocess.run(command, check=True, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    try:
        call("wineboot", "-i")
        call("wineserver", "-k", "-w")
        call("wineserver", "-p")  # a server that stays makes starts take 0.05 s instead of 2
        call("wine", "cmd", "/c", "exit")  # services start here; else they hold the first program's pipes
        shutil.copy2(base / "wine" / "bcryptprimitives.dll", made.system32)
        yield made
    finally:
        subprocess.run(["wineserver", "-k"], check=False, env=variables, capture_output=True)
