"""Tests of tools.wheel.payload: members in physical order, with the bytes of those that have no source."""

from __future__ import annotations

import io

import pytest

from tests.support.contracts import plan_of, text
from tools.elf.facts import read_elf_facts
from tools.errors import UserError
from tools.plan.model import Member
from tools.wheel.payload import payload_of, payloads

INFO = "rocm_sdk_core-1.0.dist-info"
TAIL = "-tail"


def copy(path: str, size: int) -> Member:
    return Member(path=path, kind="copy", mode=0o644, source=f"a/b/{path}", size=size, sha256=f"of {path}")


def test_large_members_come_first_and_paths_decide_between_equal_ones() -> None:
    found = payloads(plan_of(copy("a", 1), copy("c", 5), copy("b", 5), text("d", "12345")), TAIL)

    assert [payload.path for payload in found.body] == ["b", "c", "d", "a"]


def test_the_dist_info_directory_comes_apart_in_order_of_its_paths() -> None:
    plan = plan_of(
        text(f"{INFO}/WHEEL", "longer"), copy("a", 1), text(f"{INFO}/METADATA", "x"), text("x.dist-info/a", "")
    )

    found = payloads(plan, TAIL)

    assert [payload.path for payload in found.info] == [f"{INFO}/METADATA", f"{INFO}/WHEEL"]
    assert [payload.path for payload in found.body] == ["a", "x.dist-info/a"]


def test_a_copy_has_the_digest_of_its_source_and_no_bytes() -> None:
    found = payload_of(copy("a", 7), TAIL)

    assert (found.size, found.key, found.recipe, found.content) == (7, "of a", "of a-tail", None)


def test_a_text_has_its_bytes_and_their_size() -> None:
    found = payload_of(text("a", "ü"), TAIL)

    assert (found.content, found.size) == ("ü".encode(), 2)
    assert found.key != payload_of(text("a", "u"), TAIL).key
    assert found.key == payload_of(text("another path", "ü", 0o755), TAIL).key


def test_a_library_with_another_rpath_is_read_and_has_a_key_of_its_own() -> None:
    members = [
        Member(path="a", kind="rpath", mode=0o755, source="a/b/c", size=9, sha256="s", argument=argument)
        for argument in ("$ORIGIN", "$ORIGIN/..")
    ]

    found = [payload_of(member, TAIL) for member in members]

    assert [(one.size, one.content) for one in found] == [(9, None)] * 2
    assert len({*(one.key for one in found), "s"}) == 3


def test_a_forwarder_is_a_library_of_the_members_name() -> None:
    content = payload_of(
        Member(path="_p/lib/liba.so", kind="forwarder", mode=0o644, argument="liba.so.1"), TAIL
    ).content

    assert content is not None
    facts = read_elf_facts(io.BytesIO(content), len(content))
    assert facts is not None
    assert (facts.soname, facts.needed) == ("liba.so", ("liba.so.1",))


def test_a_stub_holds_the_path_that_it_starts() -> None:
    content = payload_of(Member(path="bin/a", kind="stub", mode=0o755, argument="../lib/llvm/bin/a"), TAIL).content

    assert content is not None
    assert b"../lib/llvm/bin/a\0" in content


def test_a_stub_whose_path_cannot_be_used_is_named() -> None:
    with pytest.raises(UserError) as caught:
        payload_of(Member(path="bin/a", kind="stub", mode=0o755, argument="x" * 10_000), TAIL)

    assert str(caught.value).startswith("bin/a: ")
