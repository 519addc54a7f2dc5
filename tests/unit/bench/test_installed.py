"""What counts as new on disk, and as the size of a tree."""

from __future__ import annotations

import pytest

from tools.bench.installed import _blocks, _sizes, unpack_tree
from tools.bench.workspace import Workspace
from tools.errors import UserError


def test_a_hard_link_takes_no_blocks(tmp_path):
    (tmp_path / "file").write_bytes(bytes(100_000))
    before = _blocks(tmp_path)

    (tmp_path / "other").hardlink_to(tmp_path / "file")

    assert _blocks(tmp_path) == before >= 100_000


def test_a_copy_takes_blocks(tmp_path):
    (tmp_path / "file").write_bytes(bytes(100_000))
    before = _blocks(tmp_path)

    (tmp_path / "copy").write_bytes(bytes(100_000))

    assert _blocks(tmp_path) == 2 * before


def test_the_size_of_a_tree_is_that_of_all_its_links_lead_to(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a").write_bytes(bytes(10))
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/b").write_bytes(bytes(5))
    (tmp_path / "tree/folded").symlink_to("../elsewhere")
    (tmp_path / "tree/alias").symlink_to("b")

    assert sum(_sizes(tmp_path / "tree")) == 10 + 5 + 5


def test_a_tree_that_was_not_made_cannot_be_unpacked(tmp_path):
    with pytest.raises(UserError) as caught:
        unpack_tree(Workspace(root=tmp_path))

    assert str(caught.value) == "there is no devel tree to unpack; run the scenario init before"
