"""``also:<file>``: finished wheels and sdists of other projects, which stand beside ours in dist and index."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urlsplit

from rules.analysis.project import Project
from rules.task import Task, group, step
from tools.errors import UserError, listed
from tools.naming import project_name
from tools.plan.spec import PackageSpec

if TYPE_CHECKING:
    from tools.dist.offers import Offers

ALSO = "also"  # the tasks, and their folder below build_dir
SET = "set"  # looks at all of them together
RULE_VERSION = 2  # raised when equal files give other receipts or other verdicts
ENDINGS = (".whl", ".tar.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A file of others, by where it comes from."""

    filename: str
    source: Path | None
    url: str = ""
    sha256: str = ""  # hex; empty: any

    @property
    def place(self) -> str:
        """Where a user finds it."""
        return str(self.source or self.url)


@cache
def others_of(places: tuple[str, ...], setting: str = ALSO) -> tuple[Other, ...]:
    """Return the wheels and sdists that a setting names, sorted by file name; of a folder what lies in it.

    :raises UserError: when a place gives none, a name is no wheel's or sdist's, or two have one name.
    """
    if not places:
        return ()
    from tools.dist.listing import release_of  # not needed by most runs, and each import costs them time

    found = [other for place in places for other in _at(place, setting)]
    if odd := [other.place for other in found if release_of(other.filename) is None]:
        raise UserError(f"{setting}: not named as a wheel or an sdist is: {listed(odd)}")
    names = [other.filename.casefold() for other in found]
    if twice := [other.place for other in found if names.count(other.filename.casefold()) > 1]:
        raise UserError(f"{setting}: of files with one name only one can be there: {listed(twice)}")
    return tuple(sorted(found, key=lambda other: other.filename))


def also_receipts(project: Project) -> tuple[Path, ...]:
    """Return the receipts of what others made."""
    return tuple(_receipt(project, other) for other in others_of(project.settings.also))


def also_files(project: Project) -> tuple[str, ...]:
    """Return the names of what others made."""
    return tuple(other.filename for other in others_of(project.settings.also))


def also_projects(project: Project) -> set[str]:
    """Return the normalised names of the distributions that others made."""
    if not project.settings.also:
        return set()
    from tools.dist.listing import project_of

    return {name for file in also_files(project) if (name := project_of(file))}


def also_tasks(project: Project) -> Iterator[Task]:
    """Yield a task for each file of others, one that looks at what they require, and the group of all."""
    others = others_of(project.settings.also)
    _check_names(project, others)
    for other in others:
        yield step(
            ALSO,
            other.filename,
            f"{other.filename} of another project, once it is known to be sound",
            engine=project.engine,
            job=partial(_take, project, other),
            inputs=[other.source] if other.source else [],
            outputs=[_receipt(project, other).parent / other.filename, _receipt(project, other)],
            key={"rule": RULE_VERSION, "url": other.url, "sha256": other.sha256},
        )
    if others:
        yield step(
            ALSO,
            SET,
            "that what others require of ROCm is in this dist",
            engine=project.engine,
            job=partial(_check, project),
            inputs=also_receipts(project),
            outputs=[project.settings.build_dir / ALSO / f"{SET}.json"],
            key={"rule": RULE_VERSION, "offers": _digest(project)},
        )
        members = [f"{ALSO}:{name}" for name in (*also_files(project), SET)]
        yield group(ALSO, "wheels and sdists of other projects (also=...)", members) | {"name": None}


def _at(place: str, setting: str) -> Iterable[Other]:
    if re.match(r"[a-z][a-z0-9+.-]*://", place):
        url, fragment = urldefrag(place)
        digest = re.fullmatch(r"sha256=([0-9a-f]{64})", fragment)
        if digest is None:
            raise UserError(f"{setting}: {place}: must end in #sha256= and the digest of the file")
        yield Other(filename=unquote(urlsplit(url).path).rpartition("/")[2], source=None, url=url, sha256=digest[1])
        return
    path = Path(place)
    if path.is_dir():
        files = [file for file in sorted(path.iterdir()) if file.name.endswith(ENDINGS)]
        if not files:
            raise UserError(f"{setting}: {path}: has no wheel and no sdist")
        if odd := [file for file in files if not file.is_file()]:  # a FIFO would be waited for
            raise UserError(f"{setting}: only regular files are taken, not: {listed(odd)}")
        yield from (Other(filename=file.name, source=file) for file in files)
    elif path.is_file():
        yield Other(filename=path.name, source=path)
    else:
        raise UserError(f"{setting}: {path}: there is no such file or folder")


def _check_names(project: Project, others: tuple[Other, ...]) -> None:
    """A wheel of others under a name of ours would be taken for ours by everyone.

    :raises UserError: when there is one; all are named.
    """
    if not others:
        return
    from tools.dist.listing import release_of

    ours = []
    for other in others:
        release = release_of(other.filename)
        if release and any(_is_named_by(spec, release[0]) for spec in project.specs.packages):
            ours.append(other.place)
    if ours:
        raise UserError(f"also: the names of these are those of packages that are built here: {listed(ours)}")


def _is_named_by(spec: PackageSpec, name: str) -> bool:
    """Say whether a distribution's name is that of a package, or could be that of one of its families."""
    own = project_name(spec.distribution)
    return name == own or (spec.rule in {"wheel", "devel"} and name.startswith(f"{own}-"))


def _receipt(project: Project, other: Other) -> Path:
    return project.settings.build_dir / ALSO / other.filename / "receipt.json"


def _take(project: Project, other: Other) -> tuple[Any, Any]:
    from tools.dist.also import AlsoRequest, take_also

    receipt = _receipt(project, other)
    return take_also, AlsoRequest(
        source=other.source,
        url=other.url,
        sha256=other.sha256,
        filename=other.filename,
        directory=receipt.parent,
        receipt=receipt,
    )


def _check(project: Project) -> tuple[Any, Any]:
    from tools.dist.offers import OffersRequest, check_offers

    report = project.settings.build_dir / ALSO / f"{SET}.json"
    return check_offers, OffersRequest(receipts=also_receipts(project), offers=offers(project), report=report)


def offers(project: Project) -> Offers:
    """Return what the dist has of its own, by the names of its products."""
    from tools.dist.offers import Offers
    from tools.plan.meta import extras
    from tools.plan.spec import GENERIC

    products, specs = project.products.products, project.specs
    families = sorted({product.family for product in products} - {GENERIC})
    metas = [spec for spec in specs.packages if spec.rule == "sdist"]
    names: set[str] = set()
    for spec in metas:
        static, chosen = extras(spec, specs, products, families, {})
        names |= {*static, *chosen}
    return Offers(
        versions={project_name(product.distribution): product.version for product in products},
        extras=frozenset(names),
    )


def _digest(project: Project) -> str:
    rows = [[one.distribution, one.version, one.family] for one in project.products.products]
    extras = [[spec.name, list(map(list, spec.extras))] for spec in project.specs.packages]
    return hashlib.sha256(json.dumps([rows, extras]).encode()).hexdigest()
