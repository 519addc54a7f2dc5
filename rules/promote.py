"""``promote``: the dist of a release candidate becomes that of the release, without the artifacts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rules.also import ALSO
from rules.analysis.project import Project
from rules.dist import check_dist, gpus, statuses, upload_time
from rules.entry import ALL, ENTRY, LIST
from rules.loading.settings import Settings
from rules.publish import PUBLISHING, check_publish, publish_dist
from rules.task import Task, in_a_sentence
from tools.errors import UserError, listed

if TYPE_CHECKING:
    from tools.dist.promote import PromoteRequest

PROMOTE = "promote"  # the task's name
PROMOTED = "promoted"  # below build_dir: a folder a version, laid out as build_dir itself


def promote_tasks(project: Project) -> Iterator[Task]:
    """Yield the task. It needs nothing but what an earlier run left in build_dir and dist_dir."""
    version = _same_dist(project)
    publish = "" if project.settings.url else f"; doit publish {version} url=DIRECTORY_OR_URL"
    yield {
        "basename": PROMOTE,
        "doc": "the dist of version from=... becomes version to=..., payload untouched; url=... publishes it",
        "actions": [partial(promote, project)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {
            "output": True,
            "check": partial(check_promote, project.settings),
            "next": f"doit verify {version}{publish}",
            "settings": ("from", "to", "targets", "restamp", "url", *PUBLISHING, "dist_dir"),
        },
    }


def check_promote(settings: Settings) -> None:
    """Find out what would make promoting fail when the dist is another already.

    :raises UserError: without two versions, when the dist cannot be written, or nothing can be published at the url.
    """
    if settings.promote_from is None or settings.promote_to in (None, settings.promote_from):
        raise UserError("from, to: `promote` needs two different versions, such as from=10.1.0rc1 to=10.1.0")
    check_dist(settings)
    if settings.url is not None:
        check_publish(settings)


@in_a_sentence
def promote(project: Project) -> None:
    """Build the new version, put it into the dist in place of the old one, write the index, and publish if asked."""
    from tools.dist.gather import DistRequest, gather
    from tools.dist.index import IndexRequest, write_index
    from tools.dist.promote import promote as run
    from tools.dist.provenance import Origins, dependencies_of

    settings = project.settings
    digests = dependencies_of(settings.dist_dir)  # of the candidate, before its statements leave
    made = project.engine.submit(run, _request(project)).result()
    entries = _entries(project, made.plans)
    gather(DistRequest(receipts=made.receipts, dist_dir=settings.dist_dir))
    plans = {
        **made.plans,
        **{receipt: receipt.with_name("plan.json") for receipt in entries if receipt.parent.name != LIST},
    }
    written = write_index(
        IndexRequest(
            receipts=made.receipts,
            dist_dir=settings.dist_dir,
            side=entries,
            origins=Origins(plans=plans, digests=digests, level=settings.compression_level),
            gpus=gpus(project),
            upload_time=upload_time(),
            statuses=statuses(project),
        )
    )
    sys.stdout.write("".join(f"dropped  {name}\n" for name in made.dropped))
    sys.stdout.write("".join(f"note: {note}\n" for note in written["notes"]))
    before, after = settings.promote_from, settings.promote_to
    sys.stdout.write(f"{settings.dist_dir}: {len(made.receipts)} files, {before} is now {after}\n")
    if settings.url:
        publish_dist(project, made.receipts, entries)


def _same_dist(project: Project) -> str:
    """Return the settings under which the next run is about the promoted dist and would build no other."""
    settings = project.settings
    said = [f"version={settings.promote_to}"]
    if kept := settings.targets or settings.families:
        said.append(f"families={','.join(kept)}")
    if settings.default_family:
        said.append(f"default_family={settings.default_family}")
    return " ".join(said)


def _request(project: Project) -> PromoteRequest:
    from tools.dist.promote import PromoteRequest

    settings = project.settings
    before, after = settings.promote_from, settings.promote_to
    assert before, "check_promote saw to it"
    assert after, "check_promote saw to it"
    known = _receipts_with_plans(settings.build_dir)
    template = project.specs_dir / "templates" / "sdist-description.md.j2"
    return PromoteRequest(
        dist_dir=settings.dist_dir,
        built=tuple(known),
        plans=tuple(known.values()),
        before=before,
        after=after,
        directory=settings.build_dir / PROMOTED / after,
        level=settings.compression_level,
        families=_kept(project),
        restamp=settings.restamp,
        description=template.read_text(encoding="utf-8"),
    )


def _kept(project: Project) -> frozenset[str] | None:
    """Return the families and targets that the release keeps: those named, and the targets of named families."""
    named = set(project.settings.targets or project.settings.families)
    if not named:
        return None
    targets = {target.name for target in project.specs.targets if named & {target.name, *target.families}}
    known = {name for target in project.specs.targets for name in (target.name, *target.families)}
    if unknown := named - known:
        raise UserError(f"targets: no target and no family of targets.toml: {listed(unknown)}")
    return frozenset(named | targets)


def _entries(project: Project, plans: Mapping[Path, Path]) -> tuple[Path, ...]:
    """Build the wheels of ``rocm`` from the sdist's new plan and return their receipts."""
    from tools.dist.entry import EntryRequest, VariantsRequest, build_entry, promoted_names, write_variants
    from tools.dist.listing import ENTRY as FOR_ALL
    from tools.dist.listing import VARIANT

    receipts = []
    for plan in plans.values():
        for target in promoted_names(plan, variants=project.settings.variants):
            request = EntryRequest(
                plan=plan,
                directory=plan.parents[2] / ENTRY / (target or ALL),
                package=VARIANT if target else FOR_ALL,
                target=target,
            )
            project.engine.submit(build_entry, request).result()
            receipts.append(request.receipt)
        if targets := tuple(filter(None, promoted_names(plan, variants=project.settings.variants))):
            listed_ones = VariantsRequest(plan=plan, directory=plan.parents[2] / ENTRY / LIST, targets=targets)
            write_variants(listed_ones)
            receipts.append(listed_ones.receipt)
    return tuple(receipts)


def _receipts_with_plans(build: Path) -> dict[Path, Path]:
    """Return each receipt of a build or an earlier promotion, and where its plan lies."""
    found = {}
    for base in (build, *sorted(build.glob(f"{PROMOTED}/*"))):
        for receipt in sorted(base.glob("wheel/*/*/receipt.json")):
            family, package = receipt.parts[-3:-1]
            found[receipt] = base / "plan" / family / f"{package}.json"
        for receipt in sorted(base.glob(f"{ALSO}/*/receipt.json")):
            found[receipt] = receipt.with_name("plan.json")  # what others made needs none
    return found
