"""The RECORD of an installed wheel: what the uninstaller will remove."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rocm_sdk_core import _site

TEMPORARY = "RECORD.rocm-sdk"


def find_record(site: str, facts: Mapping[str, Any]) -> Path | None:
    """Return the RECORD of the distribution in ``site``, or None when the installer keeps none (PEP 627)."""
    wanted = _normal(facts["distribution"])
    for directory in sorted(Path(site).glob("*.dist-info")):
        name, _, version = directory.name[: -len(".dist-info")].rpartition("-")
        if _normal(name) == wanted and version == facts["version"]:
            record = directory / "RECORD"
            return record if record.is_file() else None
    return None


def lost(site: str, there: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield distribution and version of what is listed as installed in ``site`` though its package facts are gone.

    ``there``: the distributions whose facts are.
    """
    names = {_normal(name) for name in there}
    for directory in sorted(Path(site).glob("rocm_*.dist-info")):
        name, _, version = directory.name[: -len(".dist-info")].rpartition("-")
        if _normal(name) not in names and (facts := _facts_file(directory / "RECORD")):
            yield Path(facts).name.removesuffix(_site.FACTS).replace("_", "-"), version


def _facts_file(record: Path) -> str:
    """Return the path of the package facts among what a wheel brought, "" if it is none of ours."""
    try:
        paths = (line.partition(",")[0] for line in record.read_text("utf-8").splitlines())
        return next((path for path in paths if path.startswith("_rocm_") and path.endswith(_site.FACTS)), "")
    except (OSError, ValueError):
        return ""


def names_root(record: Path, root: str) -> bool:
    """Return whether the directory ``root`` has a row."""
    with record.open(newline="", encoding="utf-8") as file:
        return any(row and row[0].rstrip("/") == root for row in csv.reader(file))


def add_root(record: Path, root: str) -> None:
    """Add a row for the directory ``root``, so that uninstalling removes it with everything in it.

    In one step: a kill leaves the old RECORD or the new one. The rows that are there keep their bytes.
    """
    content = record.read_bytes()
    separator = b"" if content.endswith(b"\n") or not content else b"\n"
    _replace(record, content + separator + _row(root))


def remove_root(record: Path, root: str) -> None:
    """Remove the row of ``root``, in one step; the other rows keep their bytes."""
    lines = record.read_bytes().splitlines(keepends=True)
    _replace(record, b"".join(line for line in lines if line.rstrip(b"\r\n") != _row(root).rstrip()))


def _row(root: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([root, "", ""])
    return line.getvalue().encode()


def _replace(record: Path, content: bytes) -> None:
    temporary = record.with_name(TEMPORARY)
    temporary.unlink(missing_ok=True)
    try:
        temporary.write_bytes(content)
        temporary.chmod(record.stat().st_mode & 0o777)
        temporary.replace(record)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def remove_leftover(record: Path) -> None:
    """Remove the temporary file of a process that was killed while it wrote ``record``."""
    temporary = record.with_name(TEMPORARY)
    if temporary.exists():  # on a read-only file system removing nothing is an error too
        temporary.unlink()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
