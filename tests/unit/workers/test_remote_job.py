"""What a job works with on the machine that it was sent to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.workers.context import Context, make_context
from tools.workers.edition import ROOT
from tools.workers.fence import Closed, close_fence, open_fence
from tools.workers.parcel import pack
from tools.workers.remote_job import (
    ARCHIVES,
    BUILD,
    HERE,
    OwnFiles,
    RemoteJob,
    Scratch,
    SharedFiles,
    Unfit,
    run_remote_job,
)


@dataclass(frozen=True)
class Request:
    wheel: Path
    archive: Path
    template: Path


def paths_of(request: Request, context: Context) -> tuple[Path, ...]:
    request.wheel.parent.mkdir(parents=True, exist_ok=True)
    request.wheel.touch()
    return request.wheel, request.archive, request.template


def parcel(build: Path, roots=HERE) -> bytes:
    template = ROOT / "packaging_specs" / "templates" / "index.css"
    return pack((paths_of, Request(build / "wheel" / "x", build / "archives" / "y", template)), roots)


def run(files, packed: bytes, scratch: Path):
    job = RemoteJob(parcel=packed, name="a job", files=files)
    return run_remote_job((job, Scratch(scratch / "kept", scratch / "passing")), make_context())


def test_shared_files_are_where_they_were(tmp_path):
    build = tmp_path / "build"
    files = SharedFiles(fence=build / "elsewhere", word=open_fence(build / "elsewhere"), needs=(tmp_path,))

    wheel, archive, template = run(files, parcel(build), tmp_path)

    assert (wheel, archive) == (build / "wheel" / "x", build / "archives" / "y")
    assert wheel.exists()
    assert template.exists()


def test_a_run_that_is_over_gets_nothing_done(tmp_path):
    fence = tmp_path / "build" / "elsewhere"
    files = SharedFiles(fence=fence, word=open_fence(fence), needs=())
    close_fence(fence, 0)

    with pytest.raises(Closed):
        run(files, parcel(fence.parent), tmp_path)

    assert os.listdir(fence.parent) == ["elsewhere"]  # noqa: PTH208


@pytest.mark.parametrize("missing", ["fence", "artifacts"])
def test_a_machine_without_the_files_is_told(tmp_path, missing):
    fence, artifacts = tmp_path / "build" / "elsewhere", tmp_path / "artifacts"
    files = SharedFiles(fence=fence, word="word", needs=(artifacts,))
    if missing == "artifacts":
        open_fence(fence)

    with pytest.raises(Unfit) as caught:
        run(files, parcel(fence.parent), tmp_path)

    assert str(caught.value) == (
        f"there is no {fence if missing == 'fence' else artifacts} on its machine; let it see that path, or share "
        "nothing but a store (store=URL with an artifact_dir that is a URL)"
    )


def test_own_files_are_in_a_directory_that_goes_with_the_job(tmp_path):
    theirs = tmp_path / "their" / "build"
    packed = parcel(theirs, {**HERE, ARCHIVES: theirs / "archives", BUILD: theirs})

    wheel, archive, template = run(OwnFiles("a-place"), packed, tmp_path / "scratch")

    assert wheel.is_relative_to(tmp_path / "scratch" / "passing")
    assert archive == tmp_path / "scratch" / "kept" / "a-place" / "y"
    assert template.exists()
    assert not list((tmp_path / "scratch" / "passing").iterdir())
    assert not theirs.exists()
