"""Machines that have archives and a store in common."""

from __future__ import annotations

import pytest

from tools.bench.machines import Machines, one_after_another, side_by_side, stored_bytes
from tools.bench.measure import Usage
from tools.bench.scenarios import shards, store_filled, store_full
from tools.bench.workspace import Workspace
from tools.sample.embedded import make_sample


def usage(wall: float, output: str = "") -> Usage:
    return Usage(
        wall=wall,
        user=2 * wall,
        system=1,
        peak_private=int(wall),
        read=10,
        written=20,
        disk_read=30,
        disk_written=40,
        output=output,
    )


def test_what_runs_one_after_another_is_waited_for_in_turn():
    both = one_after_another([usage(1, "first"), usage(2, "last")])

    assert (both.wall, both.cpu, both.peak_private, both.output) == (3, 8, 2, "last")
    assert (both.read, both.written, both.disk_read, both.disk_written) == (20, 40, 60, 80)


def test_of_what_runs_side_by_side_the_slowest_is_waited_for():
    assert side_by_side([usage(1), usage(5), usage(2)]).wall == 5


def test_bytes_of_the_store_are_those_taken_and_given():
    assert stored_bytes(usage(1, "a\nstore: 1,234 bytes taken, 66 given\nb\n")) == 1300
    assert stored_bytes(usage(1, "nothing")) == 0


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(root=tmp_path_factory.mktemp("bench"), settings=("version=1.0",))
    make_sample(workspace.artifacts)
    return workspace


def test_families_are_those_of_the_artifacts(workspace):
    assert Machines(workspace=workspace).families() == ("gfx120X-all", "gfx94X-dcgpu")


def test_a_full_store_leaves_nothing_to_compress(workspace):
    filled, full = store_filled(workspace, 0), store_full(workspace, 0)

    assert filled.compressed > 0
    assert (full.compressed, full.reused) == (0, 0)
    assert full.subject_size == filled.subject_size > 0


def test_the_last_machine_builds_nothing_of_what_shards_built(workspace):
    last = shards(workspace, 0)

    assert last.compressed == 0
    assert "0 failed" in last.usage.output
