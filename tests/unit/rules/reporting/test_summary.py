"""The table at the end of a run, and the line of a finished wheel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.reporting.counts import Counts, counts_text
from rules.reporting.summary import Made, summary

TAG = "py3-none-linux_x86_64.whl"


def made(distribution: str, filename: str, *, version: str = "10.1.0.dev0", size: int = 10, **changes: float) -> Made:
    members = 0 if filename.endswith(".tar.gz") else int(changes.get("files", 1))
    return Made(
        distribution=distribution,
        version=version,
        filename=filename,
        size=size,
        sha256="ab12" * 16,
        members=members,
        installed=40 * members,
        after=changes.get("after", 0.0),
        reused=0,
    )


def test_version_and_platform_of_most_files_stand_above_and_others_in_their_rows():
    rows = [
        made("rocm-sdk-devel", f"rocm_sdk_devel-10.1.0.dev0-{TAG}"),
        made("rocm-sdk-core", f"rocm_sdk_core-10.1.0.dev0-{TAG}", size=5, after=61),
        made("rocm-bootstrap", "rocm_bootstrap-0.3.0-py3-none-any.whl", version="0.3.0"),
        made("rocm", "rocm-10.1.0.dev0.tar.gz"),
    ]

    assert summary(rows) == [
        "",
        "version 10.1.0.dev0 for linux_x86_64",
        "wheel                 files      size  ratio  reused     done at",
        "rocm (sdist)                 10 bytes                      0.0 s",
        "rocm-bootstrap 0.3.0      1  10 bytes    25%      0%       0.0 s",
        "rocm-sdk-core             1   5 bytes    12%      0%  1 min 01 s",
        "rocm-sdk-devel            1  10 bytes    25%      0%       0.0 s",
        "",
    ]


@pytest.mark.parametrize("filename", ["rocm-10.1.0.dev0.tar.gz", "rocm_bootstrap-10.1.0.dev0-py3-none-any.whl"])
def test_what_fits_every_platform(filename):
    assert summary([made("rocm", filename)])[1] == "version 10.1.0.dev0 for every platform"


def test_the_longest_names_of_rocm_fit_a_terminal():
    name, filename = "rocm-sdk-libraries-gfx94X-dcgpu", f"rocm_sdk_libraries_gfx94x_dcgpu-10.1.0.dev0-{TAG}"
    largest = made(name, filename, size=4_230_000_000, files=10_000, after=754)

    assert largest.line == "built   rocm-sdk-libraries-gfx94X-dcgpu  4.23 GB at 12 min 34 s  sha256 ab12ab12"
    assert max(map(len, [largest.line, *summary([largest])])) <= 80


def test_what_came_from_the_store_is_said_to_be_taken():
    row = replace(made("rocm-sdk-core", f"rocm_sdk_core-10.1.0.dev0-{TAG}"), is_taken=True)

    assert row.line == "taken   rocm-sdk-core  10 bytes at 0.0 s  sha256 ab12ab12"


def test_what_was_taken_is_counted_apart():
    wheels, steps = Counts("wheels", "built"), Counts("steps", "done", current=3)
    for is_taken in (True, True, False):
        wheels.succeeded(is_taken=is_taken)
    steps.succeeded(is_taken=True)

    assert counts_text(wheels, steps) == (
        "wheels: 1 built, 2 taken from the store, 0 up to date, 0 failed; "
        "other steps: 1 taken from the store, 3 up to date"
    )
