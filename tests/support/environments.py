"""Virtual environments that see a directory of wheels and nothing else: no network, no setuptools, no settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

INSTALLERS = ("pip", "pip 23.0.1", "uv")
SYSTEM_PYTHON = Path("/usr/bin/python3")
UV = Path(sys.executable).with_name("uv")
PLAIN_PATH = "/usr/bin:/bin"
UNCACHED = {"PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1"}  # variables of both installers


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One virtual environment, and the installer that fills it from ``dist``."""

    installer: str
    directory: Path
    dist: Path
    cache: Path  # of the installer: an environment with a fresh one has never seen a ROCm package

    @property
    def site(self) -> Path:
        """Return the directory that wheels are unpacked into."""
        return next(self.directory.glob("venv/lib/python*/site-packages"))

    @property
    def bin(self) -> Path:
        return self.directory / "venv/bin"

    @property
    def advised(self) -> str:
        """Return the beginning of a command that ours print here."""
        return f"uv pip install --python {self.bin / 'python'}" if self.installer == "uv" else "pip install"

    @property
    def installed(self) -> list[str]:
        return sorted(path.name.partition("-")[0] for path in self.site.glob("*.dist-info"))

    def pip(self, command: str, *arguments: str, fails: bool = False, **variables: str) -> str:
        """Have the installer do a command of pip's, with a network, and return what it says; ``fails`` if it must."""
        done = run(*self._installer(command, *arguments), cwd=self.directory, **{**self.variables(), **variables})
        assert (done.code != 0) == fails, done.out + done.err
        return done.out + done.err

    def install(self, *requirements: str, **variables: str) -> str:
        """Install without network; return what the installer says."""
        options = ("install", "--no-index", "--find-links", str(self.dist), *requirements)
        return self._checked([*without_network(), *self._installer(*options)], **variables)

    def uninstall(self, *distributions: str) -> None:
        yes = [] if self.installer == "uv" else ["--yes"]
        self._checked(self._installer("uninstall", *yes, *distributions))

    def clean_cache(self, distribution: str) -> None:
        """Make uv forget what it built of ``distribution``."""
        self._checked([UV, "cache", "clean", distribution])

    def run(self, script: str, *arguments: str | Path, cwd: Path | None = None, **variables: str) -> Done:
        """Run a script of the environment with these variables and a plain PATH, which does not lead to it."""
        command = [self.bin / script, *arguments]
        return run(*command, cwd=cwd or self.directory, **{"PATH": PLAIN_PATH, **self._home(), **variables})

    def root(self, **variables: str) -> Path:
        """Return what ``rocm-sdk path --root`` prints."""
        done = self.run("rocm-sdk", "path", "--root", **variables)
        assert done.code == 0, done.err
        return Path(done.out.strip())

    def variables(self) -> dict[str, str]:
        """Return the variables that the installer gets, and no other."""
        return self._home() | {
            "PATH": PLAIN_PATH,
            "PIP_CACHE_DIR": str(self.cache / "pip"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_CACHE_DIR": str(self.cache / "uv"),
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }

    def paths(self) -> set[str]:
        """Return every path of site-packages, directories included."""
        return {path.relative_to(self.site).as_posix() for path in self.site.rglob("*")}

    def _checked(self, command: Sequence[str | Path], **variables: str) -> str:
        done = run(*command, cwd=self.directory, **{**self.variables(), **variables})
        assert done.code == 0, done.out + done.err
        return done.out + done.err

    def _installer(self, command: str, *arguments: str) -> list[str | Path]:
        python = self.bin / "python"
        if self.installer == "uv":
            return [UV, "pip", command, "--python", python, *arguments]
        if self.installer == "pip 23.0.1":
            return [SYSTEM_PYTHON, "-m", "pip", "--python", python, command, *arguments]
        return [sys.executable, newest_pip() / "pip", "--python", python, command, *arguments]

    def _home(self) -> dict[str, str]:
        return {"HOME": str(self.directory), "ROCM_BOOTSTRAP_DISABLE_DETECTION": "1"}  # no GPU, on any machine


def make_environment(installer: str, directory: Path, dist: Path, cache: Path | None = None) -> Environment:
    """Return an empty environment below ``directory``; skip the test where the machine has no such installer."""
    python = _python_for(installer)
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run([python, "-m", "venv", "--without-pip", directory / "venv"], check=True)
    return Environment(installer=installer, directory=directory, dist=dist, cache=cache or directory / "cache")


def run(*command: str | Path, cwd: Path, **environment: str) -> Done:
    """Run with these environment variables and no other."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def both(family: str) -> str:
    """Return what people install for a family: its libraries and its development files."""
    return f"rocm[libraries-{family.lower()},devel-{family.lower()}]"


def packages_of(family: str) -> list[str]:
    """Return what that installs, as dist-info directories name it."""
    name = underscored(family).lower()
    return ["rocm", "rocm_sdk_core", "rocm_sdk_devel", f"rocm_sdk_devel_{name}", f"rocm_sdk_libraries_{name}"]


def underscored(family: str) -> str:
    """Return a family as it stands in names of directories."""
    return family.replace("-", "_")


def good(done: Done) -> str:
    """Return what a command printed that must have succeeded."""
    assert done.code == 0, done.out + done.err
    return done.out


def newest_pip() -> Path:
    """Return the newest pip that virtualenv carries, a wheel that runs as it is."""
    import virtualenv

    wheels = (Path(virtualenv.__file__).parent / "seed/wheels/embed").glob("pip-*.whl")
    return max(wheels, key=lambda path: [int(part) for part in path.name.split("-")[1].split(".")])


@cache
def without_network() -> tuple[str, ...]:
    """Return the prefix that runs a command in a network of its own with nobody in it, if this machine allows it."""
    for prefix in (("unshare", "--net"), ("unshare", "--net", "--map-root-user")):
        if (
            shutil.which("unshare")
            and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
        ):
            return prefix
    return ()


@cache
def _python_for(installer: str) -> str | Path:
    if installer != "pip 23.0.1":
        return sys.executable
    if not SYSTEM_PYTHON.exists():
        pytest.skip(f"needs Debian 12's pip: there is no {SYSTEM_PYTHON}")
    done = subprocess.run([SYSTEM_PYTHON, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    if not done.stdout.startswith("pip 23.0.1 "):
        pytest.skip(f"needs Debian 12's pip 23.0.1: {SYSTEM_PYTHON} has {done.stdout.strip() or 'none'}")
    return SYSTEM_PYTHON
