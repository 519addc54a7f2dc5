"""The files that the wheels brought, as their RECORDs name them: which are gone or cut, and what brings them back."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from rocm_sdk_core import _record, _remedy, _site, _windows
from rocm_sdk_core._errors import listed

from rocm_sdk import _roots
from rocm_sdk._installed import Installed, installed

SKIPPED = ("/RECORD", "/INSTALLER", "/REQUESTED", "/direct_url.json", "/uv_cache.json")  # the installer's own


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
        return self.is_script and not os.path.exists(self.path)  # noqa: PTH110 - says False where it may not look


class Damage(NamedTuple):
    """What is wrong with a file, and the distribution that brought it."""

    distribution: str
    path: Path
    wrong: str

    @property
    def text(self) -> str:
        return f"{self.path}: {self.wrong}"


@dataclass(frozen=True)
class Recorded:
    """What the RECORDs say."""

    rows: list[Row]
    unknown: list[str]  # distributions whose installer did not write down what they brought
    damaged: list[Damage]  # RECORDs that nobody can read


def recorded() -> Recorded:
    """Return the files that the wheels brought."""
    found = Recorded([], [], [])
    for wheel in installed():
        try:
            _read(wheel, found)
        except OSError as error:
            path = Path(error.filename or wheel.site)
            found.damaged.append(Damage(wheel.distribution, path, (error.strerror or str(error)).lower()))
    return found


def _read(wheel: Installed, found: Recorded) -> None:
    record = _record.find_record(str(wheel.site), asdict(wheel))
    if record is None:
        found.unknown.append(wheel.distribution)
        return
    try:
        found.rows.extend(_rows(wheel, record))
    except (ValueError, csv.Error):
        found.damaged.append(Damage(wheel.distribution, record, "is damaged"))


def damage(found: Recorded) -> list[Damage]:
    """Return what is wrong as far as sizes go: quick, since no file is read."""
    wrong = [(row, wrong_size(row)) for row in found.rows]
    return [*found.damaged, *(Damage(row.distribution, row.path, text) for row, text in wrong if text)]


def told(damages: Sequence[Damage]) -> str:
    """Return in one sentence what is wrong with files, and what brings them back; "" if nothing is."""
    return f"{listed(each.text for each in damages)}; {remedy(damages)}" if damages else ""


def remedy(damages: Sequence[Damage]) -> str:
    """Return what brings files back, and the links to them: a reinstallation removes links, or leaves old ones."""
    names = {each.distribution for each in damages}
    sites: dict[str, list[str]] = {}
    for wheel in installed():
        if wheel.distribution in names:
            sites.setdefault(str(wheel.site), []).append(f"{wheel.distribution}=={wheel.version}")
    commands = [_remedy.command(site, requirements, again=True) for site, requirements in sites.items()]
    return f"reinstall with: {_remedy.told(' && '.join(commands))}{_links_again(damages)}"


def _links_again(damages: Sequence[Damage]) -> str:
    """A hard link in a devel tree keeps the damage, and init takes it for somebody else's file."""
    trees = [wheel.directory for wheel in _roots.devel_wheels() if (wheel.directory / _site.STATE).is_dir()]
    linked = [link for each in damages for tree in trees if (link := _hard_link(each.path, tree))]
    remove = f"remove {listed(linked)} and " if linked else ""
    return f", then {remove}run 'rocm-sdk init'" if trees else ""


def _hard_link(path: Path, tree: Path) -> Path | None:
    """Return the file of ``tree`` that is the same as that of a wheel beside it, and no symlink or below one."""
    if tree in path.parents or tree.parent not in path.parents:
        return None
    link = tree.joinpath(*path.relative_to(tree.parent).parts[1:])
    try:
        return link if link.samefile(path) and tree.resolve() in link.resolve().parents else None
    except (OSError, RuntimeError):  # the latter: links that lead in a circle, until Python 3.13
        return None


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
    except ValueError:  # a NUL, which csv lets through
        return "is no path"
    return "has another size than when it was installed"


def _rows(wheel: Installed, record: Path) -> Iterator[Row]:
    with record.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if len(row) == 3 and row[1].startswith("sha256=") and not row[0].endswith(SKIPPED):
                is_script = row[0].startswith(("../", "bin/"))
                yield Row(wheel.distribution, wheel.site / row[0], row[1], int(row[2] or -1), is_script)
