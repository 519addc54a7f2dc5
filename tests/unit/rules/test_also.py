"""What ``also=`` and ``consumers=`` take of a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rules.also import others_of
from tools.errors import UserError

NAME = "a-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to(NAME), lambda path: path.symlink_to("none")],
    ids=["FIFO", "folder", "links in a circle", "link to nothing"],
)
def test_what_is_no_file_is_refused_unread(tmp_path, make):
    make(tmp_path / NAME)

    with pytest.raises(UserError) as caught:
        others_of((str(tmp_path),))

    assert str(caught.value) == f"also: only regular files are taken, not: {tmp_path / NAME}"
