"""Wheels of other projects come by pip, once; a machine that cannot reach them gets the command and the place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.wheels import Wheel
from tools.errors import UserError
from tools.wheel.fetching import fetched

NAME = "foreign-0.3.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory where pip looks, and nowhere else."""
    directory = tmp_path / "index"
    directory.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return directory


def publish(index: Path) -> str:
    """Put the wheel into the index and return its digest."""
    wheel = Wheel(distribution="foreign", version="0.3.0").write(index)
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_a_wheel_is_fetched_at_first_need_and_kept(index, tmp_path):
    sha256 = publish(index)
    place = tmp_path / "carried"

    first = fetched(place / NAME, sha256)
    (index / NAME).unlink()
    second = fetched(place / NAME, sha256)

    assert hashlib.sha256(first).hexdigest() == sha256
    assert second == first
    assert [path.name for path in place.iterdir()] == [NAME]


def test_another_wheel_under_the_name_is_not_taken(index, tmp_path):
    publish(index)

    with pytest.raises(UserError) as caught:
        fetched(tmp_path / "carried" / NAME, "0" * 64)

    assert str(caught.value).startswith(f"{tmp_path}/carried/{NAME}: is not there, and pip cannot fetch it (")
    assert list((tmp_path / "carried").iterdir()) == []


@pytest.mark.usefixtures("index")
def test_a_machine_that_cannot_reach_it_gets_the_command_and_the_place(tmp_path):
    place = tmp_path / "carried"

    with pytest.raises(UserError) as caught:
        fetched(place / NAME, "0" * 64)

    assert str(caught.value) == (
        f"{place}/{NAME}: is not there, and pip cannot fetch it (ERROR: No matching distribution found for "
        f"foreign==0.3.0); where a package index can be reached run: pip download --no-deps --only-binary :all: --dest "
        f"{place} foreign==0.3.0"
    )
