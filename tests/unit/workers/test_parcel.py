"""A job travels with paths that are good where it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.workers.parcel import pack, unpack

HERE = {"archives": Path("/here/build/archives"), "build": Path("/here/build")}
THERE = {"archives": Path("/there/kept"), "build": Path("/there/passing")}


@dataclass(frozen=True)
class Request:
    paths: tuple[Path, ...]
    text: str


def arrived(value):
    return unpack(pack(value, HERE), THERE)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/here/build/wheel/x.whl", "/there/passing/wheel/x.whl"),
        ("/here/build", "/there/passing"),
        ("/here/build/archives/x.tar", "/there/kept/x.tar"),
        ("/here/builder", "/here/builder"),
        ("/elsewhere", "/elsewhere"),
    ],
)
def test_paths_below_a_root_are_those_of_the_other_machine(here, there):
    assert arrived(Path(here)) == Path(there)


def test_all_else_arrives_as_it_is():
    request = Request((Path("/here/build/a"), Path("b")), "/here/build/a")

    assert arrived(request) == Request((Path("/there/passing/a"), Path("b")), "/here/build/a")


def test_no_root_of_ours_is_in_a_parcel():
    assert b"/here" not in pack(Path("/here/build/archives/x.tar"), HERE)
