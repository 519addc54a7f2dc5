"""Wheels of other projects, fetched by pip from where it is set up to look, and kept for the next build."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.errors import UserError
from tools.files import make_directory
from tools.naming import read_wheel_name

_PATIENCE = 600  # seconds that pip may take


def fetched(file: Path, sha256: str) -> bytes:
    """Return the content of the wheel ``file``, which is fetched under its name's project and version if it is missing.

    :raises UserError: when it is another file than the one that has this digest, or when it cannot be fetched; the
        sentence has the command and the place for a machine that can.
    """
    if not file.exists():
        _fetch(file, sha256)
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise UserError(f"{file}: has sha256 {digest}, but the spec pins {sha256}; remove it and run again")
    return content


def _fetch(file: Path, sha256: str) -> None:
    """Put the file into its place in one step; several builds may do so at the same time."""
    name = read_wheel_name(file.name)
    requirement = f"{name.project}=={name.version}"
    make_directory(file.parent)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".fetching-") as directory:
        wanted = Path(directory, "wanted.txt")
        wanted.write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
        problem = _download(wanted, Path(directory))
        if not problem and not (got := Path(directory, file.name)).exists():
            problem = f"it gave {', '.join(sorted(path.name for path in got.parent.glob('*.whl')))}"
        if problem:
            raise UserError(
                f"{file}: is not there, and pip cannot fetch it ({problem}); where a package index can be reached run: "
                f"pip download --no-deps --only-binary :all: --dest {file.parent} {requirement}"
            )
        got.replace(file)


def _download(wanted: Path, directory: Path) -> str:
    """Let pip download what a requirements file lists; return why it did not, "" when it did."""
    options = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:")
    arguments = ("download", *options, "--require-hashes", "--dest", str(directory), "--requirement", str(wanted))
    problem = ""
    for python in dict.fromkeys(
        (sys.executable, getattr(sys, "_base_executable", sys.executable))
    ):  # .venv may lack it
        try:
            done = subprocess.run(
                (python, "-m", "pip", *arguments), capture_output=True, text=True, check=False, timeout=_PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            problem = str(error)
            continue
        if done.returncode == 0:
            return ""
        problem = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), f"exit {done.returncode}")
        if "No module named pip" not in problem:
            break
    return problem.strip()
