"""The devel tree: made, left alone, repaired, moved to another version, freed of what is no longer wanted."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from rocm_sdk_core import _devel, _make, _site, _tree

from tests.support import small_rocm
from tests.support.devel_tree import COMPLETE, LINKS, MEMBERS, ROOT, listing
from tests.support.small_rocm import FAMILY

SECOND = "10.2.0"


def make(site: Path) -> _devel.Summary:
    return _devel.make(str(site), ROOT)


def test_every_kind_of_link_is_made(site: Path) -> None:
    summary = make(site)

    assert listing(site) == COMPLETE
    assert summary == (len(LINKS), len(LINKS), 0)


def test_a_program_is_a_hard_link_so_that_it_takes_no_space(site: Path) -> None:
    make(site)

    assert (site / ROOT / "bin/hipcc").samefile(site / "_rocm_sdk_core/bin/hipcc")


def test_the_second_run_changes_nothing(site: Path) -> None:
    make(site)
    before = {path: path.lstat().st_ctime_ns for path in (site / ROOT).rglob("*")}

    assert make(site) == (len(LINKS), 0, 0)

    assert {path: path.lstat().st_ctime_ns for path in (site / ROOT).rglob("*")} == before


def test_a_tree_is_current_only_once_it_is_made(site: Path) -> None:
    assert not _site.is_current(str(site), ROOT)

    make(site)

    assert _site.is_current(str(site), ROOT)


@pytest.mark.parametrize("path", sorted(LINKS))
def test_a_lost_link_is_made_again(site: Path, path: str) -> None:
    make(site)
    (site / ROOT / path).unlink()

    assert make(site) == (len(LINKS), 1, 0)
    assert listing(site) == COMPLETE


def test_a_program_that_lost_its_mode_is_put_right(site: Path) -> None:
    make(site)
    program = site / ROOT / "bin/hipcc"
    content = program.read_bytes()
    times = program.stat()
    program.unlink()
    program.write_bytes(content)
    program.chmod(0o600)
    os.utime(program, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert make(site).made == 1
    assert listing(site) == COMPLETE


def test_record_names_the_root_once(site: Path) -> None:
    make(site)
    make(site)

    record = (site / "rocm_sdk_devel_gfx94x_dcgpu-10.1.0.dist-info/RECORD").read_text("utf-8").splitlines()
    assert record.count(f"{ROOT},,") == 1
    assert record[-2:] == [f"{ROOT},,", "_rocm_sdk_devel,,"]


def test_without_a_record_the_tree_is_made_all_the_same(site: Path) -> None:
    (site / "rocm_sdk_devel_gfx94x_dcgpu-10.1.0.dist-info/RECORD").unlink()

    make(site)

    assert listing(site) == COMPLETE


def test_where_hard_links_are_impossible_programs_are_copied(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(_make.os, "link", refuse)

    make(site)

    program, original = (site / ROOT / "bin/hipcc"), (site / "_rocm_sdk_core/bin/hipcc")
    assert not program.samefile(original)
    assert program.stat().st_mtime_ns == original.stat().st_mtime_ns
    assert listing(site) == COMPLETE


def test_without_calls_relative_to_a_directory_the_tree_is_the_same(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_tree, "RELATIVE", False)

    make(site)

    assert listing(site) == COMPLETE


def test_a_copy_that_splits_hard_links_counts_as_right(site: Path, tmp_path: Path) -> None:
    make(site)
    copy = tmp_path / "layer"
    shutil.copytree(site, copy, symlinks=True)

    assert _site.is_current(str(copy), ROOT)
    assert make(copy) == (len(LINKS), 0, 0)
    assert not (copy / ROOT / "bin/hipcc").samefile(copy / "_rocm_sdk_core/bin/hipcc")


def test_a_copy_without_time_stamps_counts_as_right(site: Path, tmp_path: Path) -> None:
    make(site)
    copy = tmp_path / "copy"
    shutil.copytree(site, copy, symlinks=True, copy_function=shutil.copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)

    assert _site.is_current(str(copy), ROOT)  # a start of a tool makes nothing, which may not be allowed here
    assert make(copy) == (len(LINKS), 0, 0)


def test_when_core_alone_is_upgraded_its_programs_are_linked_anew(site: Path) -> None:
    make(site)
    newer = small_rocm.core(extra={"_rocm_sdk_core/bin/hipcc": b"#!/bin/sh\necho a newer build\n"})
    newer.unpack(site)

    assert not _site.is_current(str(site), ROOT)
    assert make(site).made == 1  # the other programs have new files with the bytes they had
    assert (site / ROOT / "bin/hipcc").read_bytes() == b"#!/bin/sh\necho a newer build\n"


@pytest.mark.parametrize("what", ["_rocm_sdk_core/bin/hipcc", f"{ROOT}/bin/hipcc"], ids=["program", "its copy"])
def test_a_copy_with_times_of_its_own_gives_way_when_the_program_changes(site: Path, what: str) -> None:
    make(site)
    (site / "part").write_bytes((site / what).read_bytes())  # as an installer that writes the same again, or as cp -r
    (site / "part").chmod(0o755)
    os.utime(site / "part", (1, 1))
    (site / "part").replace(site / what)
    assert make(site) == (len(LINKS), 0, 0)
    small_rocm.core(extra={"_rocm_sdk_core/bin/hipcc": b"#!/bin/sh\necho a newer build\n"}).unpack(site)

    assert make(site).made == 1

    assert (site / ROOT / "bin/hipcc").read_bytes() == b"#!/bin/sh\necho a newer build\n"


def test_links_that_a_newer_table_does_not_have_are_removed_with_their_directories(site: Path) -> None:
    make(site)
    fewer = [row for row in small_rocm.devel_rows(FAMILY) if not row[0].startswith(("lib/llvm", "share"))]
    small_rocm.devel(FAMILY, rows=fewer).unpack(site)

    assert make(site) == (len(fewer), 0, 2)

    gone = {path for path in COMPLETE if path.startswith(("lib/llvm", "share"))}
    assert listing(site) == {path: what for path, what in COMPLETE.items() if path not in gone}
    assert not (site / ROOT / "lib/llvm").exists()


def test_a_file_that_took_the_place_of_a_removed_link_stays(site: Path) -> None:
    make(site)
    (site / ROOT / "share/hip").unlink()
    (site / ROOT / "share/hip").write_text("mine")
    small_rocm.devel(FAMILY, rows=[row for row in small_rocm.devel_rows(FAMILY) if row[0] != "share/hip"]).unpack(site)

    assert make(site).removed == 0
    assert (site / ROOT / "share/hip").read_text() == "mine"


def test_a_folded_directory_opens_when_a_newer_table_has_links_below_it(site: Path) -> None:
    make(site)
    rows = [row for row in small_rocm.devel_rows(FAMILY) if row[0] != "share/hip"]
    opened = [(f"share/hip/{name}", "symlink", "_rocm_sdk_core", f"share/hip/{name}") for name in ("a.txt", "b.txt")]
    small_rocm.devel(FAMILY, rows=[*rows, *opened]).unpack(site)

    make(site)

    assert (site / ROOT / "share/hip").is_dir()
    assert not (site / ROOT / "share/hip").is_symlink()
    assert {path.name for path in (site / "_rocm_sdk_core/share/hip").iterdir()} == {"a.txt", "b.txt"}
    assert (site / ROOT / "share/hip/a.txt").readlink() == Path("../../../_rocm_sdk_core/share/hip/a.txt")


def test_a_directory_folds_when_a_newer_table_says_so(site: Path) -> None:
    rows = [row for row in small_rocm.devel_rows(FAMILY) if row[0] != "share/hip"]
    opened = [(f"share/hip/{name}", "symlink", "_rocm_sdk_core", f"share/hip/{name}") for name in ("a.txt", "b.txt")]
    small_rocm.devel(FAMILY, rows=[*rows, *opened]).unpack(site)
    make(site)
    small_rocm.devel(FAMILY).unpack(site)

    make(site)

    assert listing(site) == COMPLETE


def test_a_device_wheel_that_comes_later_makes_the_tree_outdated_and_adds_its_links(site: Path) -> None:
    make(site)
    before = listing(site)
    package = site / "_rocm_sdk_libraries_gfx94X_dcgpu"
    (package / "lib/kernels_gfx942.co").write_bytes(b"code")
    row = ["lib/kernels_gfx942.co", "symlink", package.name, "lib/kernels_gfx942.co"]
    table = package / "rocm_sdk_device_gfx942.links.json"
    table.write_text(f'{{"root": "{ROOT}", "links": [{row}]}}'.replace("'", '"'), "utf-8")

    assert not _site.is_current(str(site), ROOT)
    assert make(site) == (len(LINKS) + 1, 1, 0)

    link = {"lib/kernels_gfx942.co": "../../_rocm_sdk_libraries_gfx94X_dcgpu/lib/kernels_gfx942.co"}
    assert listing(site) == before | link
    table.unlink()
    assert not _site.is_current(str(site), ROOT)
    assert make(site) == (len(LINKS), 0, 1)
    assert listing(site) == before


def test_an_upgrade_of_all_packages_leaves_only_the_new_version(site: Path) -> None:
    make(site)
    record = site / "rocm_sdk_devel_gfx94x_dcgpu-10.1.0.dist-info"
    for package in ("_rocm_sdk_core", "_rocm_sdk_libraries_gfx94X_dcgpu", ROOT, record.name):
        shutil.rmtree(site / package)
    for wheel in (small_rocm.core, small_rocm.libraries, small_rocm.devel):
        arguments = () if wheel is small_rocm.core else (FAMILY,)
        wheel(*arguments, version=SECOND).unpack(site)

    make(site)

    assert listing(site) == COMPLETE


def test_a_path_of_more_than_200_characters_and_spaces(tmp_path: Path) -> None:
    site = tmp_path / ("a long name with spaces " * 5).strip() / ("another one " * 9).strip() / "site-packages"
    for wheel in (small_rocm.core(), small_rocm.libraries(FAMILY), small_rocm.devel(FAMILY)):
        wheel.unpack(site)

    make(site)

    assert len(str(site)) > 200
    assert listing(site) == COMPLETE


def test_progress_counts_up_to_the_number_of_links(site: Path) -> None:
    seen: list[tuple[int, int]] = []

    _devel.make(str(site), ROOT, tick=lambda done, total: seen.append((done, total)))

    assert seen == [(done, len(LINKS)) for done in range(1, len(LINKS) + 1)]


def test_problems_are_named_and_left_alone(site: Path) -> None:
    make(site)
    (site / ROOT / "lib64").unlink()
    (site / ROOT / "share/hip").unlink()
    (site / ROOT / "share/hip").write_text("mine")

    total, problems = _devel.problems(str(site), ROOT)

    assert total == len(LINKS)
    assert problems == [f"{ROOT}/lib64: missing", f"{ROOT}/share/hip: not a link of rocm-sdk"]
    assert not (site / ROOT / "lib64").exists()
    assert set(MEMBERS) < set(listing(site))
