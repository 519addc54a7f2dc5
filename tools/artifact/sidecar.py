"""The digest that stands beside an archive, in ``{archive}.sha256sum``."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from tools.artifact.form import SIDECAR
from tools.errors import UserError

LARGEST = 1 << 12  # bytes of a sidecar; real ones have one line
_LINE = re.compile(r"([0-9A-Fa-f]{64})(?:[ \t]+\*?(\S.*))?")  # as sha256sum(1) writes it, or the digest alone


def read_sidecar(archive: Path) -> str | None:
    """Return the digest that stands beside an archive; None where there is no sidecar.

    :raises UserError: when there is one that cannot be read, or is not of this archive.
    """
    sidecar = archive.with_name(archive.name + SIDECAR)
    try:
        descriptor = os.open(sidecar, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{sidecar}: cannot be read: {error.strerror}") from None
    return parse_sidecar(content, archive.name, str(sidecar))


def parse_sidecar(content: bytes, archive: str, place: str) -> str:
    """Return the digest in a sidecar of ``archive``, in lower case.

    :raises UserError: when it is not one line with a digest of SHA-256, alone or before the archive's name.
    """
    lines = content[: LARGEST + 1].decode("utf-8", "replace").split("\n")
    found = [match for line in lines if line.strip() and (match := _LINE.fullmatch(line.strip()))]
    if len(found) != 1 or len([line for line in lines if line.strip()]) != 1:
        raise UserError(
            f"{place}: must hold one line, a SHA-256 digest of 64 hexadecimal digits, alone or before the name "
            f"{archive}; write it anew with sha256sum"
        )
    digest, name = found[0].groups()
    if name and name.rpartition("/")[2] != archive:
        raise UserError(f"{place}: is the digest of {name!r}, not of {archive}; write it anew with sha256sum")
    return str(digest).lower()


def sha256_of(file: Path) -> str:
    """Return the SHA-256 digest of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
