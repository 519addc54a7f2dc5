"""Wheels of PyPI that tests look into: fetched once, by version and digest, into a cache outside the repository."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PINNED = {  # distribution -> version, sha256 of its wheel for CPython 3.11 on Windows
    "bitsandbytes": ("0.50.2", "c697963c8fda3dcd0d7ebd9b5211ae4067feef7cd06e0350d4e816a434fe683d"),
    "clang-format": ("21.1.7", "58ec6d955f1e8bf14a871562d961db114025a74bb990cdcbeb88d8563dd6f8a9"),
    "cmake": ("4.2.0", "fb33a0c0486c3f4923a133dbeef4d009b798f1d4e6768381670736665a7f8c0a"),
    "libclang": ("18.1.1", "4dd2d3b82fab35e2bf9ca717d7b63ac990a3519c7e312f19fa8e86dcc712f7fb"),
    "msvc-runtime": ("14.44.35112", "aba7fbe71897d25ed53fbb7f391e9f50289378a8a9ae218ba18530c663448391"),
    "ninja": ("1.13.0", "fb8ee8719f8af47fed145cced4a85f0755dd55d45b2bddaf7431fa89803c5f3e"),
    "panda3d": ("1.10.16", "37acfb92655c4226879f95c988e2ef1449a53c54486d6c1ebc00e2772429af82"),
    "pip": ("25.3", "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"),
    "pywin32": ("311", "3ce80b34b22b17ccbd937a6e78e7225d80c52f5ab9940fe0506a1a16f3dab503"),
    "scipy": ("1.16.3", "53c3844d527213631e886621df5695d35e4f6a75f620dca412bcd292f6b87d78"),
    "uv": ("0.9.13", "5732cd0fe09365fa5ad2c0a2d0c007bb152a2aa3c48e79f570eec13fc235d59d"),
    "vapoursynth-dfttest2-hip": ("11.1.0", "5e62e794b31873f4756edd9e684f918e0872c209cfa62d98fdfcfda727724965"),
    "vapoursynth-nlm-hip": ("4", "f1c2a27104b30d15a258b801119afb8609888ff6a6b08e405889d5d38337a608"),
}
AMD = "vapoursynth-dfttest2-hip"  # has AMD's own signed DLLs of ROCm 7.14 inside
BINARIES = (".dll", ".exe", ".pyd")
_PLATFORM = ("--platform=win_amd64", "--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=none")


def cache() -> Path:
    """Return where downloads stay (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "rules_rocm_wheels" / "windows"


def wheel(name: str) -> Path:
    """Return the pinned wheel; the test is skipped where no index has it for us."""
    version, digest = PINNED[name]
    for file in cache().glob(f"{name.replace('-', '_')}-{version}-*.whl"):
        if hashlib.sha256(file.read_bytes()).hexdigest() == digest:
            return file
    return _download(name, version, digest)


def members(name: str, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file below ``prefix`` in the pinned wheel."""
    with zipfile.ZipFile(wheel(name)) as archive:
        for path in archive.namelist():
            if path.startswith(prefix) and not path.endswith("/"):
                yield path, archive.read(path)


def binaries(name: str, directory: Path) -> list[Path]:
    """Put every PE file of the pinned wheel below ``directory`` and return where."""
    with zipfile.ZipFile(wheel(name)) as archive:
        return [Path(archive.extract(path, directory)) for path in archive.namelist() if path.endswith(BINARIES)]


def program(name: str, directory: Path) -> Path:
    """Put everything of the pinned wheel below ``directory`` and return the program of its name."""
    with zipfile.ZipFile(wheel(name)) as archive:
        archive.extractall(directory)
    return next(directory.rglob(f"{name}.exe"))


def _download(name: str, version: str, digest: str) -> Path:
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as directory:
        wanted = Path(directory, "wanted.txt")
        wanted.write_text(f"{name}=={version} --hash=sha256:{digest}\n", "utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--ignore-requires-python", *_PLATFORM, "--require-hashes"]
        command += ["--requirement", str(wanted), "--dest", directory]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"pip cannot download {name} {version}: {done.stderr.strip().splitlines()[-1]}")
        (file,) = Path(directory).glob("*.whl")
        return file.replace(cache() / file.name)
