"""Builds on a cluster of this machine, and what they cost."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

import pytest

from tools.bench.clusters import served
from tools.bench.scenarios import on_a_cluster, on_a_cluster_with_a_store
from tools.bench.workspace import Workspace
from tools.sample.embedded import make_sample

pytest.importorskip("distributed", reason="needs the extra dask: requirements-dask.lock")


def test_files_are_served(tmp_path):
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "file").write_bytes(b"content")

    with served(tmp_path / "served", tmp_path / "log") as url, urllib.request.urlopen(f"{url}file") as answer:
        assert answer.read() == b"content"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(root=tmp_path_factory.mktemp("bench"), settings=("version=1.0",))
    make_sample(workspace.artifacts)
    return workspace


def files_of(directory: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(directory))


@pytest.mark.slow
def test_a_build_on_a_cluster_costs_what_its_processes_cost(workspace):
    result = on_a_cluster(workspace, 0)

    assert result.compressed > 0
    assert result.size > 0
    assert result.usage.cpu > 1


@pytest.mark.slow
def test_a_build_apart_goes_through_the_store(workspace):
    result = on_a_cluster_with_a_store(workspace, 0)

    assert result.compressed > 0
    assert result.subject_size > 0
    assert files_of(workspace.root / "store") > 0
    fetched_here = [tar.name for tar in (workspace.build_dir / "archives").glob("*.tar")]
    assert fetched_here == ["base_lib_generic.tar"]  # which says version and layout, before there is a job
