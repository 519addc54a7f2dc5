"""``rocm-sdk check``: installed files against RECORDs, devel trees against link tables."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from rocm_sdk_core import _devel, _progress, _site, _windows
from rocm_sdk_core._errors import SdkError, listed
from rocm_sdk_core._wanted import Found

from rocm_sdk import _diagnosis, _files, _roots
from rocm_sdk._files import Damage, Row

BLOCK = 1 << 20  # bytes read at a time


@dataclass(frozen=True)
class Report:
    """What was compared, what is wrong, and what is not but may surprise, a sentence each."""

    files: int
    links: int
    problems: tuple[str, ...]
    remedy: str  # what brings damaged files back, "" if none is
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
        if report.remedy:
            print(report.remedy, file=sys.stderr)
        for note in report.notes:
            print(note)
        print(f"{report.files} files and {report.links} links checked: {_state(len(report.problems))}")
    return 1 if report.problems else 0


def check(tick: _progress.Tick = _progress.silent) -> Report:
    """Return how the installed ROCm wheels compare to their own records."""
    found = _files.recorded()
    rows, notes = found.rows, []
    if elsewhere := [row for row in rows if row.is_script_elsewhere]:
        names = listed(row.path.name for row in elsewhere)
        notes.append(f"console scripts are not where RECORD says, as after pip install --target: {names}")
        rows = [row for row in rows if not row.is_script_elsewhere]
    damages = [*found.damaged, *_changed(rows, tick)]
    links, link_problems, link_notes = _check_links(damaged=bool(damages))
    problems = [
        *(problem.text for problem in _diagnosis.placed()),
        *(f"{name}: the installer kept no RECORD, so it cannot be checked" for name in found.unknown),
        *(f"{damage.distribution}: {damage.text}" for damage in damages),
        *link_problems,
    ]
    remedy = _files.remedy(damages) if damages else ""
    return Report(len(rows), links, tuple(dict.fromkeys(problems)), remedy, (*notes, *link_notes))


def _state(problems: int) -> str:
    if not problems:
        return "all right"
    return "1 problem" if problems == 1 else f"{problems} problems"


def _changed(rows: list[Row], tick: _progress.Tick) -> list[Damage]:
    damages = []
    for done, row in enumerate(rows, 1):
        if wrong := _wrong(row):
            damages.append(Damage(row.distribution, row.path, wrong))
        tick(done, len(rows))
    return damages


def _wrong(row: Row) -> str | None:
    if wrong := _files.wrong_size(row):
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


def _check_links(*, damaged: bool) -> tuple[int, list[str], list[str]]:
    """``damaged``: files of wheels are, so links that cannot be made are no news, and what ends it is said once."""
    count, problems, notes = 0, [], []
    advice = "" if damaged else "; run 'rocm-sdk init'"
    for wheel in _roots.devel_wheels():
        try:
            total, wrong = _devel.problems(str(wheel.site), wheel.platform_package)
        except SdkError as error:
            problems += [] if damaged else [str(error)]
            continue
        except OSError as error:
            problems.append(f"{error.filename or wheel.directory}: {(error.strerror or str(error)).lower()}")
            continue
        if (wheel.directory / _site.STATE).is_dir():  # the first thing that init makes there
            count += total
        else:
            wrong = [problem for problem in wrong if not problem.endswith(f": {Found.NOTHING.value}")]
            notes.append(f"{wheel.distribution}: its tree is not made yet; 'rocm-sdk init' or the first use makes it")
        problems += [f"{wheel.distribution}: {problem}{advice}" for problem in wrong]
    return count, problems, notes
