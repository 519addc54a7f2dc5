"""Signing statements of provenance with whatever command a release uses: cosign, gpg, a script."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from pathlib import Path

from tools.errors import UserError

PLACE = "{}"  # stands for the statement in a command; without it the statement is the last argument


def signatures(command: str, statement: Path) -> dict[str, bytes]:
    """Return name -> content of the files that the command wrote beside the statement.

    It works on a copy in a directory of its own, so that nothing of it stays in the dist.

    :raises UserError: when it cannot be started, fails, or writes nothing.
    """
    with tempfile.TemporaryDirectory(prefix="sign-") as directory:
        copy = Path(directory, statement.name)
        copy.write_bytes(statement.read_bytes())
        _run(command, copy)
        made = {file.name: file.read_bytes() for file in sorted(Path(directory).iterdir()) if file != copy}
    if not made:
        raise UserError(f"sign: {command!r} wrote no file beside {statement.name}")
    return made


def _run(command: str, file: Path) -> None:
    words = shlex.split(command)
    arguments = [word.replace(PLACE, str(file)) for word in words]
    if arguments == words:
        arguments.append(str(file))
    try:
        done = subprocess.run(arguments, cwd=file.parent, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise UserError(f"sign: {words[0]}: cannot be started: {error.strerror}") from None
    if done.returncode:
        told = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise UserError(f"sign: {command!r} ended with {done.returncode} for {file.name}: {told[-1] if told else ''}")
