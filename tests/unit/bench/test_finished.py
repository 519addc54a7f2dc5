"""What of a finished build is chosen to be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.contracts import plan_of, receipt_of
from tools.bench.finished import Finished, distinct_sources, finished_wheels, small_library, usual_header
from tools.errors import UserError
from tools.plan.model import Member


def copy(path: str, size: int, sha256: str = "") -> Member:
    return Member(path=path, kind="copy", mode=0o644, source=f"artifact/stage/{path}", size=size, sha256=sha256 or path)


def wheels(*members: Member) -> tuple[Finished, ...]:
    return (Finished(plan=plan_of(*members), receipt=receipt_of(), wheel=Path("core.whl")),)


def test_the_library_is_the_one_nearest_to_a_megabyte():
    members = [copy("lib/liba.so", 10_000), copy("lib/libb.so.1.2", 900_000), copy("lib/libc.so.1", 1_200_000)]

    assert small_library(wheels(*members, copy("lib/data", 1_000_000))).path == "lib/libb.so.1.2"


def test_generated_libraries_cannot_be_changed():
    forwarder = Member(path="lib/liba.so", kind="forwarder", mode=0o644, argument="liba.so.1")

    with pytest.raises(UserError) as caught:
        small_library(wheels(forwarder))

    assert str(caught.value) == "the wheels hold no shared library that could be changed"


def test_the_header_is_the_one_of_median_size():
    members = [copy("a.h", 100), copy("b.hpp", 5_000), copy("c.h", 300), copy("d.txt", 301)]

    assert usual_header(wheels(*members)).path == "c.h"


def test_no_header_is_an_error():
    with pytest.raises(UserError) as caught:
        usual_header(wheels(copy("readme.txt", 3)))

    assert str(caught.value) == "the wheels hold no header that could be changed"


def test_equal_contents_count_once():
    found = distinct_sources(wheels(copy("a", 1, "x"), copy("b", 1, "x"), copy("c", 2, "y")))

    assert {digest: member.size for digest, member in found.items()} == {"x": 1, "y": 2}


def test_a_directory_without_wheels_is_an_error(tmp_path):
    with pytest.raises(UserError) as caught:
        finished_wheels(tmp_path)

    assert str(caught.value) == f"{tmp_path}: holds no finished wheel"
