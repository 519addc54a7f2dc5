"""``publish`` and ``serve``: the finished dist to where others install it from, or to a browser on this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rules.analysis.project import Project
from rules.build import stored_wheels
from rules.dist import INDEX, gpus, installing, receipts, statuses
from rules.doit_support.lock import let_go
from rules.entry import entry_receipts
from rules.loading.index_spec import read_index_spec
from rules.loading.settings import Settings
from rules.reporting.text import with_settings
from rules.task import Task, in_a_sentence
from rules.verify import VERIFY
from tools.errors import UserError

if TYPE_CHECKING:
    from tools.dist.publish import Publication
    from tools.dist.retain import Retention

PUBLISH = "publish"  # task names
SERVE = "serve"
RETAIN = "retain"
PUBLISHING = ("keep", "dry_run", "yanked", "public_url", "sign")  # settings that say how


def publish_tasks(project: Project) -> Iterator[Task]:
    """Yield the tasks that offer the dist to others. They run whenever they are asked for."""
    common = {"uptodate": [False], "io": {"capture": False}}
    yield {
        "basename": PUBLISH,
        "doc": "the verified dist to url=..., a directory or s3://...; keep=N nightlies, dry_run=yes",
        "actions": [partial(publish, project)],
        "task_dep": [VERIFY],
        "meta": {
            "output": True,
            "check": partial(check_publish, project.settings),
            "next": _next(project),
            "settings": ("url", *PUBLISHING, "version", "dist_dir"),
        },
        **common,
    }
    yield {
        "basename": SERVE,
        "doc": "the dist at http://127.0.0.1:8000/ (port=...) until Ctrl-C",
        "actions": [partial(serve, project)],
        "task_dep": [INDEX],
        "meta": {
            "output": True,
            "check": partial(check_serve, project.settings),
            "settings": ("port", "version", "dist_dir"),
        },
        **common,
    }
    yield retain_task(project)


def retain_task(project: Project) -> Task:
    """Return the task that lets old versions go. It works on what is published and on nothing else."""
    return {
        "basename": RETAIN,
        "doc": "old versions at url=... that go, by their channels; with agree=DIGEST they do",
        "actions": [partial(retain, project)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {
            "output": True,
            "check": partial(check_retain, project.settings),
            "settings": ("url", "agree", "public_url"),
        },
    }


def check_retain(settings: Settings) -> None:
    """Find out whether there is an index at ``url``; a UserError when not."""
    from tools.dist.turn import check_address

    if settings.url is None:
        raise UserError("url: is not set; `retain` needs url=DIRECTORY or url=s3://BUCKET/FOLDER")
    check_address(settings.url)


@in_a_sentence
def retain(project: Project) -> None:
    """Tell what would go, or let it go."""
    from tools.dist.channels import Channel
    from tools.dist.listing import as_upload_time
    from tools.dist.retain import RetainRequest, empty_look
    from tools.dist.retain import retain as run

    settings = project.settings
    assert settings.url is not None, "check_retain saw to it"
    rows = read_index_spec(project.specs_dir).channels
    channels = tuple(
        Channel(name=row.name, pattern=row.pattern, first_of_week=row.first_of_week, days=row.days) for row in rows
    )
    look = empty_look(
        settings.url,
        as_upload_time(int(time.time())),
        gpus=gpus(project),
        public_url=settings.public_url or "",
        statuses=statuses(project),
    )
    request = RetainRequest(look=look, channels=channels, agree=settings.agree or "")
    with _Bar(dry_run=True) as bar:
        done = run(request, waiting=bar.waiting)
    sys.stdout.write(_retention(settings, done))


def _retention(settings: Settings, done: Retention) -> str:
    from tools.text import size_text

    would = "" if settings.agree else "would be "
    lines = [f"{would}removed   {name}" for name in done.files]
    lines += [f"kept      {version}, which a lock file or a wheel of others needs" for version in done.kept]
    versions = ", ".join(f"{version} ({channel})" for version, channel in done.versions.items()) or "none"
    lines.append(f"versions: {versions}")
    if not done.files:
        following = f"the next goes after {done.next_time}: {done.next}" if done.next else "none goes later"
        lines.append(f"{done.staying} version{'s' * (done.staying != 1)} stay{'s' * (done.staying == 1)}; {following}")
    lines.append(f"{settings.url}: {len(done.files)} {would}removed ({size_text(done.size)})")
    if done.files and not settings.agree:
        agreed = with_settings(f"doit retain {quote(f'url={settings.url}')} agree={done.digest}", {})
        lines.append(f"to do it: {agreed}")
    return "\n".join(lines) + "\n"


def check_publish(settings: Settings) -> None:
    """Find out what would make publishing fail at its end.

    :raises UserError: without a url, when nothing can be published there, or when ``yanked`` makes no sense.
    """
    from tools.dist.turn import check_address

    if settings.url is None:
        raise UserError("url: is not set; `publish` needs url=DIRECTORY or url=s3://BUCKET/FOLDER")
    _yanked(settings)
    check_address(settings.url)
    _check_apart(settings, settings.url)


def _check_apart(settings: Settings, url: str) -> None:
    """What is published would be taken for the dist's own files, or for those of the build.

    :raises UserError: when ``url`` is in one of these directories.
    """
    from tools.source.place import local_directory

    place = local_directory(url)
    for name, directory in (("dist_dir", settings.dist_dir), ("build_dir", settings.build_dir)):
        if place is not None and place.resolve().is_relative_to(directory.resolve()):
            raise UserError(f"url: {url} lies in {name} ({directory}); take a directory that is not in it")


@in_a_sentence
def publish(project: Project) -> None:
    """Publish and say what changed."""
    publish_dist(project, receipts(project), entry_receipts(project))


def publish_dist(project: Project, built: tuple[Path, ...], side: tuple[Path, ...]) -> None:
    """Publish the dist, which holds what ``built`` and ``side`` are the receipts of, and say what changed.

    :raises UserError: when publishing fails.
    """
    from tools.dist.listing import as_upload_time
    from tools.dist.publish import PublishRequest
    from tools.dist.publish import publish as run

    settings = project.settings
    assert settings.url is not None, "check_publish saw to it"
    request = PublishRequest(
        receipts=built,
        dist_dir=settings.dist_dir,
        url=settings.url,
        now=as_upload_time(int(time.time())),
        side=side,
        gpus=gpus(project),
        public_url=settings.public_url or "",
        statuses=statuses(project),
        twins=stored_wheels(project),
        sign=settings.sign or "",
        keep=settings.keep,
        yanked=_yanked(settings),
        dry_run=settings.dry_run,
    )
    with _Bar(request.dry_run) as bar:
        done = run(request, waiting=bar.waiting, sent=bar.sent)
    sys.stdout.write(_summary(settings.url, done, dry_run=settings.dry_run))


def _next(project: Project) -> str:
    """Return the command that installs what was published, where it is known under which address people read it."""
    settings = project.settings
    place = settings.public_url or settings.url or ""
    if settings.dry_run or not place:
        return ""
    if place.startswith(("https://", "http://")):
        return installing(project, f"--index-url {quote(place.rstrip('/'))}/simple/", pinned=True)
    if "://" in place.removeprefix("file://"):
        return ""
    return installing(project, f"--no-index --find-links {quote(place.removeprefix('file://'))}", pinned=True)


def check_serve(settings: Settings) -> None:
    """Find out whether the port is free; a UserError when not."""
    from tools.dist.serve import ServeRequest, check_port

    check_port(ServeRequest(dist_dir=settings.dist_dir, port=settings.port))


@in_a_sentence
def serve(project: Project) -> None:
    """Serve until Ctrl-C."""
    from tools.dist.serve import ServeRequest
    from tools.dist.serve import serve as run

    let_go()  # so that others can build while this serves
    run(ServeRequest(dist_dir=project.settings.dist_dir, port=project.settings.port))


class _Bar:
    """How many bytes have gone, on a terminal; whom it waits for, anywhere."""

    def __init__(self, dry_run: bool) -> None:
        from rich.console import Console
        from rich.progress import DownloadColumn, Progress, SpinnerColumn, TransferSpeedColumn

        console = Console(stderr=True)
        columns = (SpinnerColumn(), "uploaded", DownloadColumn(), TransferSpeedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=dry_run or not console.is_terminal)
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def sent(self, size: int) -> None:
        self._progress.advance(self._task, size)

    def waiting(self, who: str) -> None:
        self._progress.console.print(f"waiting for another publisher: {who}", markup=False, highlight=False)


def _yanked(settings: Settings) -> Mapping[str, bool | str]:
    if settings.yanked is None:
        return {}
    from tools.dist.yanked import read_yanked

    return read_yanked(settings.yanked)


def _summary(url: str, done: Publication, *, dry_run: bool) -> str:
    from tools.text import size_text

    would = "would be " if dry_run else ""
    new = [name for name in done.uploaded if name not in done.replaced]
    lines = [f"{would}uploaded  {name}" for name in new if name not in done.copied]
    lines += [f"{would}copied    {name}, within the store" for name in new if name in done.copied]
    lines += [f"{would}replaced  {name}" for name in done.replaced]
    lines += [f"{would}removed   {name}" for name in done.removed]
    lines.append(
        f"{url}: {len(done.uploaded)} {would}uploaded ({size_text(done.size)}), "
        f"{len(done.removed)} {would}removed, {done.listed} {would}listed"
    )
    return "\n".join(lines) + "\n"
