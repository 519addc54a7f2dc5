"""An artifact that is a directory."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import msgspec
import pytest

from tests.support.artifacts import put
from tools.artifact.directory import DirectoryArtifact
from tools.artifact.model import Found
from tools.artifact.span import Span, stamp_of
from tools.errors import UserError


@pytest.fixture
def artifact(tmp_path: Path) -> DirectoryArtifact:
    files = {
        "artifact_manifest.txt": "b/stage\na/stage\nnone/stage\n",
        "a/stage/bin/tool": b"#!/bin/sh\n",
        "b/stage/empty": None,
        "b/stage/text": b"text",
        "b/stage/link": "->./text",
    }
    directory = put(tmp_path / "rand_lib_generic", files)
    (directory / "a/stage/bin/tool").chmod(0o700)
    (directory / "b/stage/text").chmod(0o640)
    return DirectoryArtifact(directory.name, directory)


def test_a_scan_finds_files_links_and_empty_directories(artifact: DirectoryArtifact) -> None:
    scan = artifact.scan()

    bare = [msgspec.structs.replace(found, span=None, identity=()) for found in scan.found]
    assert scan.base_dirs == ("b/stage", "a/stage", "none/stage")
    assert bare == [
        Found(0, "empty", "dir"),
        Found(0, "link", "link", target="./text"),
        Found(0, "text", "file", 0o644, 4),
        Found(1, "bin/tool", "file", 0o755, 10),
    ]
    assert [scan.path_of(found) for found in scan.found] == [
        "b/stage/empty",
        "b/stage/link",
        "b/stage/text",
        "a/stage/bin/tool",
    ]


def test_a_file_is_a_span_of_itself(artifact: DirectoryArtifact) -> None:
    tool = artifact.directory / "a/stage/bin/tool"
    name, stamp = str(tool), stamp_of(tool.stat())

    found = artifact.scan().found[-1]

    assert found.span == artifact.find("a/stage/bin/tool") == Span(name, 0, 10, 10, name, stamp)
    assert artifact.span("a/stage/bin/tool", 12) == Span(name, 0, 12, 12, name)  # nobody looks before it is opened


@pytest.mark.parametrize("path", ["b/stage/link", "b/stage/empty", "b/stage/none", "b/stage/text/none"])
def test_what_is_no_file_is_not_found(artifact: DirectoryArtifact, path: str) -> None:
    assert artifact.find(path) is None


def test_the_state_of_a_scan_is_that_of_the_artifact(artifact: DirectoryArtifact) -> None:
    state = artifact.scan().state

    assert artifact.state() == state
    assert artifact.changes(state) == ()
    (artifact.directory / "b/stage/text").write_bytes(b"other")
    assert artifact.state() != state
    assert artifact.changes(state) == ("b/stage/text",)


def test_a_file_of_another_device_is_another_file(artifact: DirectoryArtifact) -> None:
    """The number of an inode says nothing without it: a folder of an artifact may be mounted."""
    scan, tool = artifact.scan(), artifact.directory / "a/stage/bin/tool"
    elsewhere = scan.state.replace(b",0]", b",%d]" % (tool.stat().st_dev + 1))

    assert elsewhere != scan.state
    assert not {found.identity for found in scan.found if found.span} & set(artifact.identities(elsewhere).values())


def test_a_state_tells_no_number_that_another_machine_would_not_see(artifact: DirectoryArtifact) -> None:
    """A directory that several machines mount has a device of its own on each of them."""
    device = artifact.directory.stat().st_dev

    assert b",%d]" % device not in artifact.scan().state
    assert b",%d]" % device not in artifact.state()


def test_identities_tell_what_need_not_be_read_again(artifact: DirectoryArtifact) -> None:
    before = artifact.scan()
    (artifact.directory / "b/stage/text").write_bytes(b"other")
    known = artifact.identities(before.state)

    again = [found.path for found in artifact.scan().found if found.span and found.identity not in known.values()]

    assert again == ["text"]


def test_hard_links_have_one_identity(artifact: DirectoryArtifact) -> None:
    (artifact.directory / "b/stage/again").hardlink_to(artifact.directory / "b/stage/text")

    found = {found.path: found for found in artifact.scan().found}

    assert found["again"].identity == found["text"].identity != found["bin/tool"].identity


def test_a_directory_that_cannot_be_listed_whole_has_no_state(
    artifact: DirectoryArtifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/bin/"):  # root may list everything, so the refusal is made up
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(UserError) as caught:
        artifact.state()
    assert str(caught.value) == f"{artifact.directory}: directories cannot be listed: a/stage/bin"


def test_an_artifact_can_be_sent_to_another_process(artifact: DirectoryArtifact) -> None:
    assert pickle.loads(pickle.dumps(artifact)) == artifact
