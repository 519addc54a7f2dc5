"""Debian packages by name: from the cache, or fetched and verified by apt, with or without root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.errors import UserError, listed
from tools.files import write_bytes

# apt's own directories lie below the cache: neither root nor the machine's state is needed, nor its hooks.
_CONFIGURATION = """\
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


def fetch(packages: Sequence[str], cache: Path, *, sources: Path | None = None) -> dict[str, Path]:
    """Return the ``.deb`` file of each package, downloading what the cache does not hold yet.

    apt resolves names to addresses, fetches, and verifies the signed hashes; a cached file is used as it is.
    ``sources`` is a sources.list(5) to use instead of the machine's.

    :raises UserError: when apt is missing, there is no network, or the package sources do not know a package.
    """
    missing = [package for package in packages if not _cached(package, cache)]
    if missing:
        _download(missing, cache, sources)
    return {package: _one(package, cache) for package in packages}


def unpack(deb: Path, directory: Path) -> None:
    """Unpack the files of ``deb`` into ``directory`` without installing anything.

    :raises UserError: when dpkg-deb is missing or the file is damaged.
    """
    done = _run(["dpkg-deb", "--extract", str(deb), str(directory)])
    if done.returncode:
        raise UserError(f"{deb}: cannot be unpacked ({_last_line(done.stderr)}); remove it and run again")


def version(deb: Path) -> str:
    """Return the version in the file's name; apt writes an epoch's colon as ``%3a``."""
    return deb.name.split("_")[1].replace("%3a", ":")


def _cached(package: str, cache: Path) -> list[Path]:
    return sorted(cache.glob(f"{package}_*.deb"))


def _one(package: str, cache: Path) -> Path:
    found = _cached(package, cache)
    if len(found) > 1:
        raise UserError(f"{cache}: {package} is there more than once ({listed(f.name for f in found)}); keep one")
    return found[0]


def _download(packages: Sequence[str], cache: Path, sources: Path | None) -> None:
    configuration = _configure(cache, sources)
    with tempfile.TemporaryDirectory(prefix=".download.", dir=cache) as scratch:
        done = _apt(["download", *packages], configuration, Path(scratch))
        if done.returncode:  # no package lists yet, or they are older than the archive
            update = _apt(["update"], configuration, Path(scratch))
            done = _apt(["download", *packages], configuration, Path(scratch))
            if done.returncode:
                raise UserError(_failure(update.stderr + done.stderr))
        for deb in sorted(Path(scratch).glob("*.deb")):
            deb.replace(cache / deb.name)


def _configure(cache: Path, sources: Path | None) -> Path:
    root = cache.absolute() / "apt"
    for directory in ("state/lists/partial", "cache/archives/partial"):
        (root / directory).mkdir(parents=True, exist_ok=True)
    write_bytes(root / "status", b"")
    text = _CONFIGURATION.format(root=root)
    if sources:
        text += f'Dir::Etc::sourcelist "{sources.absolute()}";\nDir::Etc::sourceparts "/dev/null";\n'
    write_bytes(root / "apt.conf", text.encode())
    return root / "apt.conf"


def _apt(arguments: Iterable[str], configuration: Path, directory: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"APT_CONFIG": str(configuration), "LC_ALL": "C"}
    return _run(["apt-get", "--quiet", *arguments], cwd=directory, env=environment)


def _run(
    command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    if not shutil.which(command[0]):
        raise UserError(f"{command[0]} is not on this machine; artifacts of Debian's packages are made on Debian 12")
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def _failure(log: str) -> str:
    return (
        "Debian's ROCm packages cannot be downloaded: that needs the network and Debian 12's package sources"
        f" (apt-get: {_last_line(log)})"
    )


def _last_line(log: str) -> str:
    lines = [line for line in log.splitlines() if line.strip()]
    fetches = [line for line in lines if "Failed to fetch" in line]  # the cause of the errors that follow it
    errors = [line for line in lines if line.startswith("E: ")]
    return (fetches or errors or lines or ["no message"])[-1]
