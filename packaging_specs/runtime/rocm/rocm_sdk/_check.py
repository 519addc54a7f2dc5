"""``rocm-sdk check``: installed files against RECORDs, devel trees against link tables."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rocm_sdk_core import _devel, _progress, _record, _site, _windows
from rocm_sdk_core._errors import SdkError
from rocm_sdk_core._wanted import Found

from rocm_sdk import _roots
from rocm_sdk._installed import Installed, installed

BLOCK = 1 << 20  # bytes read at a time
SKIPPED = ("/RECORD", "/INSTALLER", "/REQUESTED", "/direct_url.json", "/uv_cache.json")  # the installer's own


@dataclass(frozen=True)
class Report:
    """What was compared, what is wrong, and what is not but may surprise, a sentence each."""

    files: int
    links: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def run(*, as_json: bool) -> int:
    """Print the report and return 1 if something is wrong."""
    with _progress.bar("rocm-sdk: checking") as tick:
        report = check(tick)
    if as_json:
        print(json.dumps(asdict(report), indent=2, sort_keys=True))
    else:
        for problem in report.problems:
            print(problem, file=sys.stderr)
        for note in report.notes:
            print(note)
        state = f"{len(report.problems)} problems" if report.problems else "all right"
        print(f"{report.files} files and {report.links} links checked: {state}")
    return 1 if report.problems else 0


def check(tick: _progress.Tick = _progress.silent) -> Report:
    """Return how the installed ROCm wheels compare to their own records."""
    rows: list[Row] = []
    problems: list[str] = []
    for wheel in installed():
        record = _record.find_record(str(wheel.site), asdict(wheel))
        if record is None:
            problems.append(f"{wheel.distribution}: the installer kept no RECORD, so it cannot be checked")
        else:
            rows.extend(_rows(wheel, record))
    for done, row in enumerate(rows, 1):
        if wrong := _wrong(row):
            problems.append(f"{row.distribution}: {row.path}: {wrong}")
        tick(done, len(rows))
    links, link_problems, notes = _check_links()
    return Report(len(rows), links, (*problems, *link_problems), tuple(notes))


@dataclass(frozen=True)
class Row:
    """One file of a RECORD that has a digest."""

    distribution: str
    path: Path
    digest: str  # "sha256=" and urlsafe base64 without padding (PEP 376)
    size: int


def _rows(wheel: Installed, record: Path) -> Iterator[Row]:
    with record.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if len(row) == 3 and row[1].startswith("sha256=") and not row[0].endswith(SKIPPED):
                yield Row(wheel.distribution, wheel.site / row[0], row[1], int(row[2] or -1))


def _wrong(row: Row) -> str | None:
    try:
        path = Path(_windows.long_path(str(row.path)))
        if row.size not in (-1, path.stat().st_size):
            return "has another size than when it was installed"
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    text = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    return None if row.digest == f"sha256={text}" else "was changed after it was installed"


def _check_links() -> tuple[int, list[str], list[str]]:
    count, problems, notes = 0, [], []
    for wheel in _roots.devel_wheels():
        try:
            total, wrong = _devel.problems(str(wheel.site), wheel.platform_package)
        except SdkError as error:
            problems.append(str(error))
            continue
        if (wheel.directory / _site.STATE).is_dir():  # the first thing that init makes there
            count += total
        else:
            wrong = [problem for problem in wrong if not problem.endswith(f": {Found.NOTHING.value}")]
            notes.append(f"{wheel.distribution}: its tree is not made yet; 'rocm-sdk init' or the first use makes it")
        problems += [f"{wheel.distribution}: {problem}; run 'rocm-sdk init'" for problem in wrong]
    return count, problems, notes
