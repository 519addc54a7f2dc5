"""The command says in one sentence what is in the way, and touches nothing then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.errors import UserError
from tools.sample.debian import DebianRequest, make_artifacts
from tools.sample.debian.__main__ import main


@pytest.fixture
def full_cache(tmp_path: Path) -> Path:
    """Return a cache that seems to hold every package; unpacking one would fail."""
    from tools.sample.debian.table import read_table

    cache = tmp_path / "cache"
    cache.mkdir()
    for package, _ in read_table().selected(bulk=True, large=True):
        (cache / f"{package}_1_all.deb").write_bytes(b"not a package")
    return cache


def test_a_directory_that_holds_something_else_is_left_alone(tmp_path: Path, full_cache: Path) -> None:
    kept = tmp_path / "home/letter.txt"
    kept.parent.mkdir()
    kept.write_text("dear\n")

    with pytest.raises(UserError) as caught:
        make_artifacts(DebianRequest(directory=kept.parent, cache=full_cache))

    assert str(caught.value) == (
        f"{kept.parent}: holds something else than artifacts; name a new directory or remove it"
    )
    assert kept.read_text() == "dear\n"


def test_a_failure_leaves_the_earlier_artifacts_and_no_scratch(tmp_path: Path, full_cache: Path) -> None:
    earlier = tmp_path / "made/base_lib_generic/artifact_manifest.txt"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("base/stage\n")

    with pytest.raises(UserError, match=r"cannot be unpacked \(.*\); remove it and run again$"):
        make_artifacts(DebianRequest(directory=tmp_path / "made", cache=full_cache))

    assert earlier.read_text() == "base/stage\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "made"]


def test_the_command_prints_the_sentence_and_fails(
    tmp_path: Path, full_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    status = main([str(tmp_path / "file"), "--cache", str(full_cache)])

    assert status == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/file: holds something else than artifacts; name a new directory or remove it\n"
    )
