"""RECORD gets one row more; what is there keeps its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from rocm_sdk_core import _record

FACTS = {"distribution": "rocm-sdk-devel-gfx94X-dcgpu", "version": "10.1.0"}
ROOT = "_rocm_sdk_devel_gfx94X_dcgpu"


def make_record(site: Path, name: str, content: str = "a,sha256=x,1\r\n") -> Path:
    record = site / f"{name}.dist-info" / "RECORD"
    record.parent.mkdir(parents=True)
    record.write_bytes(content.encode())
    return record


@pytest.mark.parametrize(
    "name", ["rocm_sdk_devel_gfx94x_dcgpu", "rocm_sdk_devel_gfx94X_dcgpu", "rocm.sdk-devel_gfx94X-dcgpu"]
)
def test_record_is_found_whatever_way_the_name_is_written(tmp_path: Path, name: str) -> None:
    make_record(tmp_path, "rocm_sdk_devel_gfx120x_all-10.1.0")
    record = make_record(tmp_path, f"{name}-10.1.0")

    assert _record.find_record(str(tmp_path), FACTS) == record


def test_the_record_of_another_version_is_not_ours(tmp_path: Path) -> None:
    make_record(tmp_path, "rocm_sdk_devel_gfx94x_dcgpu-10.0.0")

    assert _record.find_record(str(tmp_path), FACTS) is None


@pytest.mark.parametrize("content", ["a,sha256=x,1\r\n", "a,sha256=x,1", "", '"a,b",,\n'])
def test_rows_that_are_there_keep_their_bytes(tmp_path: Path, content: str) -> None:
    record = make_record(tmp_path, "x-1", content)

    _record.add_root(record, ROOT)

    after = record.read_bytes().decode()
    separator = "\n" if content and not content.endswith("\n") else ""
    assert after == f"{content}{separator}{ROOT},,\n"
    assert _record.names_root(record, ROOT)


def test_a_row_that_is_written_with_a_slash_counts(tmp_path: Path) -> None:
    assert _record.names_root(make_record(tmp_path, "x-1", f"{ROOT}/,,\n"), ROOT)
    assert not _record.names_root(make_record(tmp_path, "y-1", f"{ROOT}/include,,\n"), ROOT)


def test_the_mode_stays_and_a_cache_that_shares_the_file_is_not_changed(tmp_path: Path) -> None:
    record = make_record(tmp_path, "x-1")
    record.chmod(0o640)
    cached = tmp_path / "cache"
    cached.hardlink_to(record)

    _record.add_root(record, ROOT)

    assert record.stat().st_mode & 0o777 == 0o640
    assert cached.read_bytes() == b"a,sha256=x,1\r\n"


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    record = make_record(tmp_path, "x-1")
    record.with_name(_record.TEMPORARY).write_text("half")

    _record.remove_leftover(record)

    assert [path.name for path in record.parent.iterdir()] == ["RECORD"]
