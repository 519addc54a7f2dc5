"""``dist`` and ``index``: the flat directory of everything built, and the pages over it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from rules.also import also_files, also_projects, also_receipts
from rules.analysis.project import Project
from rules.entry import ALL, LIST, entry_names, entry_notes, entry_receipt, entry_receipts, meta_of
from rules.loading.index_spec import FILE, read_index_spec
from rules.loading.settings import Settings
from rules.task import Task, step
from tools.errors import UserError
from tools.naming import extra_name, project_name
from tools.platform.tags import WINDOWS, system_of

if TYPE_CHECKING:
    from tools.dist.choices import Gpu
    from tools.dist.provenance import Origins
    from tools.dist.simple import Statuses

DIST = "dist"  # task names
INDEX = "index"
SUMS = "SHA256SUMS"  # what tools.dist writes beside wheels and pages
METADATA_SUFFIX = ".metadata"
PROVENANCE_SUFFIX = ".provenance.json"
TREES = ("simple", "simple-json", "whl-next")
WHL_TREES = ("whl", "whl-json")  # where there is a wheel of rocm
RULE_VERSION = 3  # raised when equal receipts and templates give other pages


def dist_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that gathers every wheel and sdist, and the one that writes the index."""
    dist = project.settings.dist_dir
    built = receipts(project)
    for_windows = system_of(project.platform_tag) == WINDOWS
    names = [*(product.filename for product in project.products.products), *also_files(project)]
    yield step(
        DIST,
        None,
        "every wheel and sdist in one flat directory, and nothing else of ours",
        engine=project.engine,
        job=partial(_gather, project),
        inputs=built,
        outputs=[dist / name for name in (*names, SUMS)],
        key={},
        after=["also:set"] if also_files(project) else [],
        meta={
            "next": "doit index",
            "check": partial(_check_new_dist, project),
            "settings": ("artifact_dir", "version", "families", "dist_dir"),
        },
    )
    yield step(
        INDEX,
        None,
        "the index over dist/: index.html for --find-links, simple/, metadata side files",
        engine=project.engine,
        job=partial(_write_index, project),
        inputs=[
            *(*built, *entry_receipts(project), *plans(project).values()),
            *(project.catalog(artifact) for artifact in packaged(project)),
            *(*sorted((project.specs_dir / "templates").iterdir()), project.specs_dir / FILE),
        ],
        outputs=_pages(project),
        key={
            "rule": RULE_VERSION,
            "gpus": [[one.name, one.product, *one.families] for one in project.specs.targets],
            "upload_time": upload_time(),
            "notes": [*_without_default(project), *entry_notes(project)],
            "level": project.settings.compression_level,
        },
        after=[DIST],
        meta={
            "undone_by": [DIST],  # which removes pages that name files it is about to change
            "next": f"doit verify; {'doit report; ' * has_report()}"
            + installing(project, f"--no-index --find-links {quote(dist.name if for_windows else str(dist))}"),
            "settings": ("artifact_dir", "version", "families", "default_family", "dist_dir"),
        },
    )


def has_report() -> bool:
    """Say whether the extra of `report` is installed."""
    return find_spec("panel") is not None


def check_dist(settings: Settings) -> None:
    """Find out whether the dist can be written, before there is anything to put into it.

    :raises UserError: when it cannot be.
    """
    from tools.files import obstacle

    if problem := obstacle(settings.dist_dir):
        raise UserError(f"dist_dir: {settings.dist_dir}: cannot be written: {problem}")


def receipts(project: Project) -> tuple[Path, ...]:
    """Return the receipts of everything that is built, and of what others made."""
    return (*(project.receipt(product) for product in project.products.products), *also_receipts(project))


def plans(project: Project) -> dict[Path, Path]:
    """Return the plan of each receipt whose wheel or sdist has one."""
    built = {project.receipt(one): project.plan(one) for one in project.products.products if one.rule != "carried"}
    made = {entry_receipt(project, name) for name in entry_names(project) if name != LIST}
    return built | {receipt: receipt.with_name("plan.json") for receipt in sorted(made)}


def packaged(project: Project) -> tuple[str, ...]:
    """Return the artifacts that some wheel takes files of."""
    return tuple(sorted({name for product in project.products.products for name in product.artifacts}))


def origins(project: Project) -> Origins:
    """Return what the statements of provenance are made from."""
    from tools.dist.provenance import Origins

    settings = project.settings
    return Origins(plans=plans(project), catalogs=settings.build_dir / "catalog", level=settings.compression_level)


def statuses(project: Project) -> Statuses:
    """Return which projects are closed or superseded."""
    from tools.dist.simple import Status, Statuses

    spec = read_index_spec(project.specs_dir)
    named = {name: Status(status, reason) for name, (status, reason) in spec.statuses.items()}
    return Statuses(named=named, superseded=spec.superseded)


def gpus(project: Project) -> tuple[Gpu, ...]:
    """Return the GPUs that the index lets people choose from."""
    from tools.dist.choices import Gpu

    return tuple(Gpu(target=one.name, product=one.product, families=one.families) for one in project.specs.targets)


def _check_new_dist(project: Project) -> None:
    """One that is there already may need no change; a release in it, as after `promote`, must not vanish unasked, and
    nothing of somebody else's ever.
    """
    dist, names = project.settings.dist_dir, [product.filename for product in project.products.products]
    if not (dist / SUMS).exists():
        check_dist(project.settings)
    elif all((dist / name).exists() for name in names):
        return
    from tools.dist.gather import check_own, later_release

    check_own(dist, names)
    if project.settings.version is None and (held := later_release(dist, names)):
        raise UserError(
            f"version: {dist} holds {held}, which {project.version} would replace; go on with version={held}, or "
            f"say version={project.version} if that is meant"
        )


def _gather(project: Project) -> tuple[Any, Any]:
    from tools.dist.gather import DistRequest
    from tools.dist.other_system import gather_and_tell

    return gather_and_tell, DistRequest(receipts=receipts(project), dist_dir=project.settings.dist_dir)


def _write_index(project: Project) -> tuple[Any, Any]:
    from tools.dist.index import IndexRequest, write_index

    return write_index, IndexRequest(
        receipts=receipts(project),
        dist_dir=project.settings.dist_dir,
        side=entry_receipts(project),
        origins=origins(project),
        gpus=gpus(project),
        upload_time=upload_time(),
        statuses=statuses(project),
        notes=(*_without_default(project), *entry_notes(project)),
    )


def _without_default(project: Project) -> tuple[str, ...]:
    """Whoever makes an index is told what its users will meet, long before they do."""
    families = project.products.families
    if project.settings.default_family is not None or len(families) < 2 or project.specs.kpack_split:
        return ()
    return (
        f"{len(families)} families and no default_family: on a machine without a GPU rocm[libraries] installs no "
        "library, pip and uv only warn, and what needs one, such as torch, fails when it is imported; set "
        f"default_family={families[0]} or another one",
    )


def upload_time() -> str:
    """Return when the files appear, for the index to say: SOURCE_DATE_EPOCH; without it the index does not say.

    A clock would make two indexes of the same build differ; `publish` knows the real time.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return ""
    from tools.dist.listing import as_upload_time

    try:
        return as_upload_time(int(epoch))
    except (ValueError, OverflowError, OSError):
        raise UserError(f"SOURCE_DATE_EPOCH: {epoch!r} is not a time in seconds since 1970") from None


def _pages(project: Project) -> list[Path]:
    dist, products = project.settings.dist_dir, project.products.products
    names = [*(product.filename for product in products), *also_files(project)]
    wheels = [name for name in names if name.endswith(".whl")]
    projects = {project_name(one.distribution) for one in products} | also_projects(project)
    has_entry = ALL in entry_names(project)
    folders = [*TREES, *(WHL_TREES if has_entry else ())]
    pages = [
        f"{place}/index.{kind}"
        for tree in folders
        for place in (tree, *(f"{tree}/{name}" for name in sorted(projects)))
        for kind in (("json",) if tree.endswith("-json") else ("html", "json"))
    ]
    statements = [product.filename + PROVENANCE_SUFFIX for product in products if product.rule != "carried"]
    targets = ["targets.json"] if any(product.package == "device" for product in products) else []
    meta = meta_of(project)
    entry = f"whl/{meta.distribution}-{meta.version}-py3-none-any.whl" if has_entry and meta else ""
    entries = [entry + suffix for suffix in ("", METADATA_SUFFIX, PROVENANCE_SUFFIX)] if entry else []
    side = (*(wheel + METADATA_SUFFIX for wheel in wheels), *statements, *entries)
    return [dist / name for name in (*side, *pages, *targets, "index.html")]


def installing(project: Project, source: str, *, pinned: bool = False) -> str:
    """Return the command that installs from ``source``, options of pip, in the words of the system it is for."""
    example = _example(project) + (f"=={project.version}" if pinned else "")
    if system_of(project.platform_tag) == WINDOWS:
        return f'on Windows: pip install {source} "{example}"'
    return f"pip install {source} '{example}'"


def _example(project: Project) -> str:
    """Return what someone with the first family's GPU would install."""
    for product in project.products.products:
        if product.family in project.products.families and product.package in ("libraries", "device"):
            return f"rocm[{extra_name(product.package, product.family)}]"
    return "rocm"
