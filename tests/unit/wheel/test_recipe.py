"""Tests of tools.wheel.recipe: equal recipes are equal bytes, and what changes the bytes changes the recipe."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256

import pytest

from tests.support.contracts import text
from tools.plan.model import Member
from tools.wheel.recipe import compressor, content_key
from tools.wheel.sizes import Sizes
from tools.wheel.versions import RPATH_VERSION

COPY = Member(path="a", kind="copy", mode=0o644, source="x/y/z", sha256="s" * 64)
LIBRARY = Member(path="a", kind="rpath", mode=0o755, source="x/y/z", sha256="s" * 64, argument="$ORIGIN")
SIZES = Sizes(probe=1, whole=2, piece=3, batch=4, batch_members=5, span=6, gap=7, block=8)
OF_BYTES = {"probe", "whole", "piece"}


def test_what_has_no_source_is_known_by_its_bytes() -> None:
    assert content_key(text("a", "x"), b"bytes") == sha256(b"bytes").hexdigest()


def test_a_copy_is_known_by_the_digest_of_its_source() -> None:
    assert content_key(COPY, None) == COPY.sha256


def test_an_edited_library_is_known_by_how_it_is_made() -> None:
    made = sha256(f"rpath {RPATH_VERSION} {LIBRARY.sha256} $ORIGIN".encode()).hexdigest()

    assert content_key(LIBRARY, None) == made


@pytest.mark.parametrize("size", [field.name for field in fields(Sizes)])
def test_sizes_that_decide_the_bytes_are_part_of_a_recipe_and_others_are_not(size: str) -> None:
    other = replace(SIZES, **{size: 99})

    assert (compressor(5, SIZES) != compressor(5, other)) == (size in OF_BYTES)


def test_the_level_is_part_of_a_recipe() -> None:
    assert compressor(5, SIZES) != compressor(6, SIZES)
