"""Wheels of another system leave the dist, with a word."""

from __future__ import annotations

from pathlib import Path

from tests.support.contracts import receipt_of
from tools.dist.gather import DistRequest
from tools.dist.other_system import gather_and_tell
from tools.values import write_json

LINUX = ("a-1-py3-none-linux_x86_64.whl", "b-1-py3-none-manylinux_2_28_x86_64.whl", "c-1-py3-none-any.whl")
WINDOWS = ("a-1-py3-none-win_amd64.whl", "c-1-py3-none-any.whl")


def gathered(directory: Path, *filenames: str) -> list[str]:
    """Build files of these names, gather them, and return what is told."""
    receipts = [built(directory / "build" / name) for name in filenames]
    return gather_and_tell(DistRequest(receipts=tuple(receipts), dist_dir=directory / "dist"))["notes"]


def built(wheel: Path) -> Path:
    wheel.parent.mkdir(exist_ok=True)
    wheel.write_bytes(b"wheel")
    receipt = wheel.with_suffix(".json")
    distribution = wheel.name.partition("-")[0]
    write_json(receipt, receipt_of(distribution=distribution, version="1", filename=wheel.name, size=5))
    return receipt


def test_wheels_of_another_system_that_leave_are_told(tmp_path):
    first, second = gathered(tmp_path, *LINUX), gathered(tmp_path, *WINDOWS)

    assert (first, second) == (
        [],
        [
            f"2 wheels for Linux left {tmp_path / 'dist'}, which holds those of one system, now Windows; keep each in "
            "a dist_dir of its own, and publish both to one url"
        ],
    )
    assert sorted(path.name for path in (tmp_path / "dist").glob("*.whl")) == sorted(WINDOWS[:2])


def test_wheels_of_the_same_system_leave_without_a_word(tmp_path):
    gathered(tmp_path, *LINUX)

    assert gathered(tmp_path, LINUX[0].replace("-1-", "-2-"), LINUX[2]) == []
