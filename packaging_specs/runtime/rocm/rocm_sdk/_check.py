"""``rocm-sdk check``: installed files against RECORDs, devel trees against link tables."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rocm_sdk_core import _devel, _progress, _record, _site, _windows
from rocm_sdk_core._errors import SdkError, listed
from rocm_sdk_core._wanted import Found

from rocm_sdk import _diagnosis, _roots
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
    problems = [problem.text for problem in _diagnosis.placed()]
    notes: list[str] = []
    rows, unknown = recorded_rows()
    problems += [f"{name}: the installer kept no RECORD, so it cannot be checked" for name in unknown]
    if elsewhere := [row for row in rows if row.is_script_elsewhere]:
        names = listed(row.path.name for row in elsewhere)
        notes.append(f"console scripts are not where RECORD says, as after pip install --target: {names}")
        rows = [row for row in rows if not row.is_script_elsewhere]
    for done, row in enumerate(rows, 1):
        if wrong := _wrong(row):
            problems.append(f"{row.distribution}: {row.path}: {wrong}")
        tick(done, len(rows))
    links, link_problems, link_notes = _check_links()
    return Report(len(rows), links, tuple(dict.fromkeys([*problems, *link_problems])), (*notes, *link_notes))


@dataclass(frozen=True)
class Row:
    """One file of a RECORD that has a digest."""

    distribution: str
    path: Path
    digest: str  # "sha256=" and urlsafe base64 without padding (PEP 376)
    size: int
    is_script: bool  # made by the installer, outside of the site directory

    @property
    def is_script_elsewhere(self) -> bool:
        return self.is_script and not self.path.exists()


def recorded_rows() -> tuple[list[Row], list[str]]:
    """Return the files that the wheels brought, and the distributions whose installer did not write down which."""
    rows: list[Row] = []
    unknown = []
    for wheel in installed():
        record = _record.find_record(str(wheel.site), asdict(wheel))
        if record is None:
            unknown.append(wheel.distribution)
        else:
            rows.extend(_rows(wheel, record))
    return rows, unknown


def wrong_size(row: Row) -> str | None:
    """Return what is wrong with a file as far as its size goes."""
    if row.is_script_elsewhere:
        return None
    path = _windows.long_path(str(row.path))
    try:
        if row.size in (-1, os.stat(path).st_size):  # noqa: PTH116
            return None if os.access(path, os.R_OK) else "permission denied"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return "has another size than when it was installed"


def _rows(wheel: Installed, record: Path) -> Iterator[Row]:
    with record.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if len(row) == 3 and row[1].startswith("sha256=") and not row[0].endswith(SKIPPED):
                is_script = row[0].startswith(("../", "bin/"))
                yield Row(wheel.distribution, wheel.site / row[0], row[1], int(row[2] or -1), is_script)


def _wrong(row: Row) -> str | None:
    if wrong := wrong_size(row):
        return wrong
    try:
        digest = hashlib.sha256()
        with Path(_windows.long_path(str(row.path))).open("rb") as file:
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
        except OSError as error:
            problems.append(f"{error.filename or wheel.directory}: {(error.strerror or str(error)).lower()}")
            continue
        if (wheel.directory / _site.STATE).is_dir():  # the first thing that init makes there
            count += total
        else:
            wrong = [problem for problem in wrong if not problem.endswith(f": {Found.NOTHING.value}")]
            notes.append(f"{wheel.distribution}: its tree is not made yet; 'rocm-sdk init' or the first use makes it")
        problems += [f"{wheel.distribution}: {problem}; run 'rocm-sdk init'" for problem in wrong]
    return count, problems, notes
