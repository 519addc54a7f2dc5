"""``doit explain``, ``why`` and ``diff`` as a user asks them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.support.broken_dist import CORE, PROFILER
from tests.support.doit_process import Doit
from tests.support.places import ROOT

FAMILIES = ("gfx120X-all", "gfx94X-dcgpu")
HIPCC = "amd-llvm_run_generic/compiler/hipcc/stage/bin/hipcc"


def test_explain(clean_build):
    done = clean_build("explain", "bin/hipcc", "libamdhip64.so")

    assert (done.code, done.err) == (0, "")
    assert done.lines[:2] == ["_rocm_sdk_core/bin/hipcc", "  generic: in rocm-sdk-core"]
    assert done.lines[2].startswith(f"    from {HIPCC}, ")
    assert done.lines[-2:] == [
        "lib/libamdhip64.so",
        "  generic: left out of core-hip_lib_generic: another name of lib/libamdhip64.so.7, which the loader finds by "
        "its SONAME; devel has the link",
    ]


def test_explain_while_a_plan_fails(doit, artifacts):
    """The question is asked when a run failed: of a new program that nobody decided about."""
    assert doit("plan").code == 0
    program = artifacts / HIPCC.replace("hipcc/stage/bin/hipcc", "hipcc/stage/bin/newtool")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    assert doit("plan").code == 1
    done = doit("explain", "newtool")

    assert (done.code, done.lines) == (
        0,
        ["bin/newtool", "  in amd-llvm_run_generic, and no plan of it is there; run `doit plan` to see why"],
    )


def test_explain_says_when_the_plans_are_of_before(doit, artifacts):
    note = (
        "note: so say the plans of before; artifacts, specs or settings changed since: "
        "`doit artifact_dir={} version={} build_dir={} dist_dir={} plan`\n"
    )
    assert doit("plan").code == 0

    assert doit("explain", "bin/hipcc").err == ""
    other = replace(doit, settings={**doit.settings, "version": "7.0"})("explain", "bin/hipcc")
    assert other.err == note.format(artifacts, "7.0", doit.build, doit.dist)
    (artifacts / HIPCC).write_text("#!/bin/sh\n")
    assert doit("explain", "bin/hipcc").err == note.format(artifacts, "1.0", doit.build, doit.dist)


def test_explain_suggests(clean_build):
    done = clean_build("explain", "bin/hipc")

    assert (done.code, done.err) == (
        3,
        "ERROR: no artifact and no wheel has the path 'bin/hipc'; did you mean 'hipcc'?\n",
    )


def test_explain_unused_lists_what_a_run_only_counts(doit):
    planned = doit("plan")
    notes = [line for line in planned.lines if line.startswith("note: ")]
    listed = doit("explain", "--unused").lines

    assert len(notes) == 1
    settings = f"artifact_dir={doit.settings['artifact_dir']} version=1.0 build_dir={doit.build} dist_dir={doit.dist}"
    assert notes[0].endswith(f"; `doit {settings} explain --unused` lists it")
    assert "core: the not_exposed pattern 'bin/rdhc' matches no file" in listed


def test_explain_nothing(clean_build):
    assert clean_build("explain").err == "ERROR: `explain` needs a path, such as lib/libamdhip64.so.7\n"


def test_why_after_a_build(clean_build):
    done = clean_build("why", "build:generic:core")

    assert (done.code, done.out) == (0, "build:generic:core is up to date\n")


def test_why_of_a_group_and_of_what_always_runs(clean_build):
    done = clean_build("why", "build:generic", "verify")

    assert done.lines == ["build:generic is up to date", "verify runs", "  it runs whenever it is asked for"]


def test_why_before_a_build(doit):
    done = doit("why", "plan:generic")

    assert done.code == 0
    assert done.lines[-2:] == ["plan:generic runs", "  it has not been run yet, or it failed"]
    assert "catalog:base_lib_generic runs" in done.lines


def test_why_tells_what_is_sure_to_run_from_what_may(doit, artifacts):
    assert doit("index").code == 0
    (artifacts / HIPCC).write_text("#!/bin/sh\n")

    before = doit("why", "build:generic:core")
    behind = doit("why", "build:generic", "dist", "index")
    assert doit("plan").code == 0
    after = doit("why", "build:generic:core", "dist")

    path = HIPCC.partition("/")[2]
    assert before.lines == [
        "catalog:amd-llvm_run_generic runs",
        f"  changed below {artifacts / 'amd-llvm_run_generic'}: {path}",
        "plan:generic runs if catalog:amd-llvm_run_generic gives other content",
        "build:generic:core runs if plan:generic gives other content",
    ]
    wheels = [f"  build:generic:{package}\n" for package in ("core", "devel", "profiler")]
    families = [f"  build:{family}:{package}\n" for family in FAMILIES for package in ("devel", "libraries")]
    of_all = "".join([*wheels, *families][:5])
    assert f"\nbuild:generic waits for:\n{''.join(wheels)}" in behind.out
    assert f"\ndist runs if one of these gives other content:\n{of_all}  and 2 more\n" in behind.out
    assert f"plan:{FAMILIES[0]} runs if plan:generic gives other content" in behind.lines
    also = "  and 7 more\n"  # provenance tells of catalogs and plans
    assert behind.out.endswith(f"index runs if one of these gives other content:\n{of_all}{also}")
    assert after.lines == [
        "build:generic:core runs",
        f"  an input changed below {doit.build}: plan/generic/core.json",
        "  changed in it:",
        "    _rocm_sdk_core/bin/hipcc",
        "    _rocm_sdk_core/rocm_sdk_core.package.json",
        "    rocm_sdk_core-VERSION.dist-info/sboms/rocm-sdk-core.cdx.json",
        "dist runs if build:generic:core gives other content",
    ]


def test_why_knows_that_a_dist_that_changes_loses_its_index(doit):
    assert doit("index").code == 0
    next(doit.dist.glob("rocm_sdk_core-*.whl")).unlink()

    said = doit("why", "index").lines
    ran = doit("index")

    assert said[-1] == "index runs if dist gives other content"
    assert "steps: 2 done" in ran.out


def test_why_counts_on_the_sample_being_made_again(tmp_path):
    doit = Doit(directory=tmp_path)
    assert doit("catalog:core-hip_run_generic").code == 0
    manifest = doit.build / "sample/per-family/core-hip_run_generic/artifact_manifest.txt"
    other = manifest.parents[1] / "core-hip_lib_generic/artifact_manifest.txt"
    other.unlink()

    done = doit("why", "catalog:core-hip_run_generic")

    assert done.lines == [
        "sample runs",
        f"  an output is missing below {doit.build}: {other.relative_to(doit.build)}",
        "catalog:core-hip_run_generic runs if sample gives other content",
    ]


def test_why_knows_of_options_and_outputs(doit):
    assert doit("build:generic:profiler").code == 0
    wheel = doit.build / "wheel" / "generic" / "profiler" / PROFILER
    wheel.write_bytes(wheel.read_bytes())

    done = doit("why", "build:generic:profiler", "compression_level=9")

    assert done.lines[-3:] == [
        "build:generic:profiler runs",
        "  its rule, its options or the version of a tool changed",
        "  its outputs are not the files that it wrote",
    ]


def test_why_suggests(clean_build):
    done = clean_build("why", "build:generic:cor")

    assert (done.code, done.err) == (
        3,
        "ERROR: there is no task 'build:generic:cor'; did you mean 'build:generic:core'?\n",
    )


def diff(old: Path, new: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "doit", "diff", str(old), str(new)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_diff_of_equal_dists(dist, clean_build):
    wheels = len(list(dist.directory.glob("*.whl")))

    assert diff(clean_build.dist, dist.directory).stdout == f"no difference in the files of {wheels} wheels\n"


def test_diff_names_what_changed(dist, clean_build, tmp_path):
    def change(wheel) -> None:
        wheel.members["_rocm_sdk_core/new.txt"] = wheel.members["_rocm_sdk_core/bin/hipcc"]
        del wheel.members["_rocm_sdk_core/bin/hipconfig"]
        wheel.replace("_rocm_sdk_core/include/hip/hiprtc.h", b"\n", b"\n\n")
        wheel.replace("rocm_sdk_core/_cli.py", b"def tool(", b"def tuul(")

    dist.change(CORE, change, publish=False)
    dist.file(PROFILER).unlink()

    old, new = clean_build.dist, dist.directory
    *lines, total = diff(old, new).stdout.splitlines()
    sizes = [(directory / CORE).stat().st_size for directory in (old, new)]
    assert lines[0] == f"rocm-profiler: only in {old}, {(old / PROFILER).stat().st_size:,} bytes"
    assert lines[1] == f"rocm-sdk-core 1.0: {sizes[0]:,} bytes -> {sizes[1]:,} bytes ({sizes[1] - sizes[0]:+,})"
    assert [line.split(", ")[0] for line in lines[2:]] == [
        "  1 added",
        "    _rocm_sdk_core/new.txt",
        "  1 removed",
        "    _rocm_sdk_core/bin/hipconfig",
        "  1 grown",
        "    _rocm_sdk_core/include/hip/hiprtc.h",
        "  1 changed",
        "    rocm_sdk_core/_cli.py",
    ]
    before, after = (sum(path.stat().st_size for path in directory.glob("*.whl")) for directory in (old, new))
    assert total == f"all wheels: {before:,} bytes -> {after:,} bytes ({after - before:+,})"


def test_diff_takes_two_wheels(dist, clean_build):
    dist.change(CORE, lambda wheel: wheel.members.pop("_rocm_sdk_core/bin/hipconfig"), publish=False)

    lines = diff(clean_build.dist / CORE, dist.file(CORE)).stdout.splitlines()

    assert lines[1:3] == ["  1 removed", f"    _rocm_sdk_core/bin/hipconfig, {lines[2].rpartition(', ')[2]}"]
    assert [line.partition(":")[0] for line in lines] == ["rocm-sdk-core 1.0", *lines[1:3], "all wheels"]


def test_diff_of_versions_compares_what_is_the_same(doit, clean_build):
    newer = replace(doit, settings={**doit.settings, "version": "2.0"})
    assert newer("index").code == 0

    lines = diff(clean_build.dist, newer.dist).stdout.splitlines()

    assert next(line for line in lines if line.startswith("rocm-")).split(":")[0].endswith(" 1.0 -> 2.0")
    assert not any("added" in line or "removed" in line for line in lines)


def test_diff_of_nothing(tmp_path):
    done = diff(tmp_path, tmp_path)

    assert (done.returncode, done.stderr) == (3, f"ERROR: {tmp_path}: has no wheel\n")
    assert diff(tmp_path / "none", tmp_path).stderr == (
        f"ERROR: {tmp_path / 'none'}: cannot be read: No such file or directory\n"
    )


def test_diff_of_a_broken_wheel(tmp_path):
    wheel = tmp_path / "a-1-py3-none-any.whl"
    wheel.write_bytes(b"none")

    assert diff(tmp_path, tmp_path).stderr == f"ERROR: {wheel}: its RECORD cannot be read: File is not a zip file\n"
    shutil.rmtree(tmp_path)


def test_diff_of_a_fifo(tmp_path):
    wheel = tmp_path / "rocm_sdk_core-1.0-py3-none-linux_x86_64.whl"
    os.mkfifo(wheel)

    assert diff(tmp_path, tmp_path).stderr == f"ERROR: {wheel}: is no regular file\n"
