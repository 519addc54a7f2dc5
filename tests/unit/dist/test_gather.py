from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.stamps import times
from tests.support.wheel_sets import WheelText, make_sdist, make_set, make_wheel
from tools.dist import gather as gather_module
from tools.dist.gather import DistRequest, gather, later_release
from tools.errors import UserError

LIBRARIES = "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0-py3-none-any.whl"


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def run(tmp_path: Path, *receipts: Path) -> Path:
    gather(DistRequest(receipts=receipts, dist_dir=tmp_path / "dist"))
    return tmp_path / "dist"


def test_every_file_and_the_sums_are_there_and_nothing_else(tmp_path):
    dist = run(tmp_path, *make_set(tmp_path / "build"))

    assert names(dist) == [
        "SHA256SUMS",
        "rocm-10.1.0.tar.gz",
        "rocm_sdk_core-10.1.0-py3-none-any.whl",
        "rocm_sdk_devel-10.1.0-py3-none-any.whl",
        "rocm_sdk_devel_gfx120x_all-10.1.0-py3-none-any.whl",
        "rocm_sdk_devel_gfx94x_dcgpu-10.1.0-py3-none-any.whl",
        "rocm_sdk_libraries_gfx120x_all-10.1.0-py3-none-any.whl",
        LIBRARIES,
    ]


def test_sha256sum_accepts_the_sums(tmp_path):
    dist = run(tmp_path, *make_set(tmp_path / "build"))

    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    checked = subprocess.run(command, cwd=dist, capture_output=True, text=True, check=False)

    assert checked.returncode == 0
    assert checked.stdout.count(": OK") == 7


def test_files_are_hard_links_to_the_built_ones(tmp_path):
    receipt = make_sdist(tmp_path / "build")

    dist = run(tmp_path, receipt)

    assert (dist / "rocm-10.1.0.tar.gz").samefile(receipt.parent / "rocm-10.1.0.tar.gz")


def test_files_are_copied_where_links_are_refused_and_then_left_alone(tmp_path, monkeypatch):
    receipt = make_sdist(tmp_path / "build")
    monkeypatch.setattr(gather_module.os, "link", refuse_link)

    dist = run(tmp_path, receipt)
    inode = (dist / "rocm-10.1.0.tar.gz").stat().st_ino
    run(tmp_path, receipt)

    assert (dist / "rocm-10.1.0.tar.gz").read_bytes() == (receipt.parent / "rocm-10.1.0.tar.gz").read_bytes()
    assert (dist / "rocm-10.1.0.tar.gz").stat().st_ino == inode


def test_a_built_file_that_cannot_be_read_is_told_by_its_own_name(tmp_path):
    source = Path("/proc/self/mem")  # on a file system of its own, so it is copied; read(2) fails with EIO

    with pytest.raises(UserError) as caught:
        gather_module.place_file(source, tmp_path / "rocm.whl")

    assert str(caught.value) == "/proc/self/mem: cannot be read: Input/output error"


def refuse_link(*_: object) -> None:
    raise OSError(18, "Invalid cross-device link")


def test_a_second_run_touches_nothing(tmp_path):
    receipts = make_set(tmp_path / "build")
    dist = run(tmp_path, *receipts)
    before = times(dist)

    run(tmp_path, *reversed(receipts))

    assert times(dist) == before


def test_a_changed_file_is_replaced_and_pages_that_name_it_are_removed(tmp_path):
    dist = run(tmp_path, make_sdist(tmp_path / "build"))
    (dist / "simple" / "rocm").mkdir(parents=True)
    (dist / "index.html").write_text("names rocm-10.1.0.tar.gz")

    receipt = make_sdist(tmp_path / "build", families=())
    run(tmp_path, receipt)

    assert names(dist) == ["SHA256SUMS", "rocm-10.1.0.tar.gz"]
    assert (dist / "rocm-10.1.0.tar.gz").read_bytes() == (receipt.parent / "rocm-10.1.0.tar.gz").read_bytes()


def test_an_added_file_leaves_the_pages(tmp_path):
    core = make_wheel(tmp_path / "build", WheelText(distribution="rocm-sdk-core", package="core"))
    dist = run(tmp_path, core)
    (dist / "index.html").write_text("names core")

    run(tmp_path, core, make_sdist(tmp_path / "build"))

    assert (dist / "index.html").read_text() == "names core"


def test_what_no_receipt_names_any_more_leaves_with_its_side_file(tmp_path):
    libraries, *others = reversed(make_set(tmp_path / "build"))
    dist = run(tmp_path, libraries, *others)
    (dist / "rocm_sdk_devel_gfx120x_all-10.1.0-py3-none-any.whl.metadata").write_text("side file")

    run(tmp_path, make_sdist(tmp_path / "build"))

    assert names(dist) == ["SHA256SUMS", "rocm-10.1.0.tar.gz"]


def test_another_version_of_a_distribution_leaves_even_when_the_sums_are_lost(tmp_path):
    dist = run(tmp_path, make_sdist(tmp_path / "old", version="10.0.0"))
    (dist / "SHA256SUMS").unlink()

    run(tmp_path, make_sdist(tmp_path / "new"))

    assert names(dist) == ["SHA256SUMS", "rocm-10.1.0.tar.gz"]


def test_the_temporary_file_of_a_killed_run_leaves(tmp_path):
    receipt = make_wheel(tmp_path / "build", WheelText(distribution="rocm-sdk-core", package="core"))
    dist = run(tmp_path, receipt)
    (dist / ".rocm_sdk_core-10.1.0-py3-none-any.whl.00000000.part").write_bytes(b"half")
    (dist / ".index.html.abcd_123.part").write_bytes(b"half")

    run(tmp_path, receipt)

    assert names(dist) == ["SHA256SUMS", "rocm_sdk_core-10.1.0-py3-none-any.whl"]


def test_foreign_files_stay_and_are_named(tmp_path, caplog):
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "torch-2.9.0-py3-none-any.whl").write_bytes(b"not ours")
    (dist / "notes").mkdir()

    with caplog.at_level(logging.WARNING):
        run(tmp_path, make_sdist(tmp_path / "build"))

    assert names(dist) == ["SHA256SUMS", "notes", "rocm-10.1.0.tar.gz", "torch-2.9.0-py3-none-any.whl"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{dist}: left alone, not ours: notes, torch-2.9.0-py3-none-any.whl"
    ]


def test_a_file_that_a_receipt_does_not_describe_is_refused(tmp_path):
    receipt = make_sdist(tmp_path / "build")
    file = receipt.parent / "rocm-10.1.0.tar.gz"
    size = file.stat().st_size
    os.truncate(file, 5)

    with pytest.raises(UserError) as caught:
        run(tmp_path, receipt)

    assert str(caught.value) == (
        f"not what was built, remove and build again: {file} (5 bytes, its receipt says {size})"
    )
    assert not (tmp_path / "dist").exists()


def test_a_missing_file_is_refused(tmp_path):
    receipt = make_sdist(tmp_path / "build")
    file = receipt.parent / "rocm-10.1.0.tar.gz"
    file.unlink()

    with pytest.raises(UserError) as caught:
        run(tmp_path, receipt)

    assert str(caught.value) == (f"not what was built, remove and build again: {file} (No such file or directory)")


def test_one_name_twice_is_refused(tmp_path):
    first, second = make_sdist(tmp_path / "a"), make_sdist(tmp_path / "b")

    with pytest.raises(UserError) as caught:
        run(tmp_path, first, second)

    assert str(caught.value) == (
        f"file names must be unique in dist, these are not: rocm-10.1.0.tar.gz (by {first}, {second})"
    )


@pytest.mark.parametrize("killed_at", range(1, 12))
def test_a_run_that_dies_between_two_steps_is_completed_by_the_next(tmp_path, monkeypatch, killed_at):
    dist = run(tmp_path, *make_set(tmp_path / "old", version="10.0.0"))
    receipts = make_set(tmp_path / "new")
    steps = iter(range(1, 100))

    def die_at(original):
        def step(*arguments, **options):
            if next(steps) == killed_at:
                raise KeyboardInterrupt
            return original(*arguments, **options)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(gather_module.os, "link", die_at(os.link))
        patched.setattr(gather_module.Path, "unlink", die_at(Path.unlink))
        patched.setattr(gather_module, "write_bytes", die_at(gather_module.write_bytes))
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, *receipts)
    third = make_sdist(tmp_path / "third", version="10.2.0")
    run(tmp_path, third)

    assert names(dist) == ["SHA256SUMS", "rocm-10.2.0.tar.gz"]


def refusal(tmp_path: Path) -> str:
    with pytest.raises(UserError) as caught:
        run(tmp_path, *make_set(tmp_path / "build"))
    return str(caught.value)


def test_a_dist_that_is_a_link_to_nothing_is_a_sentence(tmp_path):
    (tmp_path / "dist").symlink_to("gone")

    assert refusal(tmp_path) == f"{tmp_path}/dist: cannot be made a directory: File exists"


def test_a_directory_with_the_name_of_a_wheel_is_a_sentence_and_stays(tmp_path):
    (tmp_path / "dist" / LIBRARIES / "precious").mkdir(parents=True)

    assert refusal(tmp_path) == f"{tmp_path}/dist/{LIBRARIES}: cannot be written: Is a directory"
    assert (tmp_path / "dist" / LIBRARIES / "precious").is_dir()
    assert not list((tmp_path / "dist").glob(".*.part"))


def test_sums_that_are_a_fifo_are_not_waited_for(tmp_path):
    (tmp_path / "dist").mkdir()
    os.mkfifo(tmp_path / "dist/SHA256SUMS")

    with pytest.raises(UserError, match="would replace SHA256SUMS;"):
        run(tmp_path, *make_set(tmp_path / "build"))


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        pytest.param("whl/torch/torch-2.9.0-cp312-cp312-linux_x86_64.whl", "whl", id="a tree"),
        pytest.param("index.html", "index.html", id="a page"),
        pytest.param("pylock.prod.toml", "pylock.prod.toml", id="a lock file"),
        pytest.param("SHA256SUMS", "SHA256SUMS", id="sums of something else"),
    ],
)
def test_an_index_of_somebody_else_is_not_written_over(tmp_path, theirs, named):
    file = tmp_path / "dist" / theirs
    file.parent.mkdir(parents=True)
    file.write_bytes(f"{'0' * 64}  torch-2.9.0-py3-none-any.whl\n".encode())

    with pytest.raises(UserError) as caught:
        run(tmp_path, make_sdist(tmp_path / "build"))

    assert str(caught.value) == (
        f"dist_dir: {tmp_path / 'dist'} is no dist of this project, and the index would replace {named}; take another "
        f"dist_dir, or remove them if nobody needs them"
    )
    assert [path for path in (tmp_path / "dist").rglob("*") if path.is_file()] == [file]


def test_files_of_others_in_the_folders_of_the_index_stay(tmp_path):
    dist = run(tmp_path, make_sdist(tmp_path / "build"))
    page, notes = dist / "whl/rocm/index.html", dist / "whl/readme.md"
    page.parent.mkdir(parents=True)
    for path in (page, notes, dist / "deploy.provenance.json"):
        path.write_text("x")

    run(tmp_path, make_sdist(tmp_path / "build2", version="10.2.0"))

    assert names(dist) == ["SHA256SUMS", "deploy.provenance.json", "rocm-10.2.0.tar.gz", "whl"]
    assert names(dist / "whl") == ["readme.md"]


@pytest.mark.parametrize(
    ("held", "new", "later"),
    [
        ("10.1.0", "rocm-10.1.0.dev0.tar.gz", "10.1.0"),
        ("10.1.0rc1", "rocm-10.1.0.dev0.tar.gz", "10.1.0rc1"),
        ("10.1.0", "rocm-10.1.0.tar.gz", None),
        ("10.1.0", "rocm-10.2.0.dev0.tar.gz", None),
        ("10.1.0.dev2", "rocm-10.1.0.dev1.tar.gz", None),
        ("10.1.0a20261101", "rocm-10.1.0.dev1.tar.gz", None),
        ("10.1.0", "rocm_sdk_other-1-py3-none-any.whl", None),
        ("10.1.0", "README", None),
    ],
)
def test_a_release_in_dist_that_an_earlier_version_would_replace(tmp_path, held, new, later):
    assert later_release(run(tmp_path, *make_set(tmp_path / "build", version=held)), [new]) == later


def test_a_directory_that_is_no_dist_holds_no_release(tmp_path):
    assert later_release(tmp_path, ["rocm-1.tar.gz"]) is None
