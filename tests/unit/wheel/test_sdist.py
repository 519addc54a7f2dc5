"""Tests of tools.wheel.sdist."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.support.contracts import text
from tests.support.project import Project, names
from tools.errors import UserError
from tools.wheel.sdist import SdistRequest, build_sdist

PKG_INFO = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Python: >=3.10\n"
MEMBERS = (text("PKG-INFO", PKG_INFO), text("src/tool.sh", "#!/bin/sh\n", 0o755), text("src/ü.txt", "ü"))


def test_members_lie_below_name_and_version(project: Project) -> None:
    with tarfile.open(project.build_sdist(*MEMBERS)) as archive:
        found = {m.name: (m.mode, m.uid, m.gid, m.uname, m.gname, m.mtime, m.isreg()) for m in archive}
        content = archive.extractfile("demo-1.0/src/ü.txt")
        assert content
        assert content.read() == "ü".encode()

    same = (0, 0, "", "", 315532800, True)
    assert found == {
        "demo-1.0/PKG-INFO": (0o644, *same),
        "demo-1.0/src/tool.sh": (0o755, *same),
        "demo-1.0/src/ü.txt": (0o644, *same),
    }


def test_a_long_path_is_read_back(project: Project) -> None:
    path = "/".join(["directory" * 10] * 8) + "/file"

    with tarfile.open(project.build_sdist(*MEMBERS, text(path, "x"))) as archive:
        assert f"demo-1.0/{path}" in archive.getnames()


def test_bytes_depend_on_the_plan_alone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = project.build_sdist(*MEMBERS).read_bytes()
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setattr("time.time", lambda: 0.0)
    old = os.umask(0o077)
    try:
        assert project.build_sdist(*reversed(MEMBERS)).read_bytes() == first
    finally:
        os.umask(old)


def test_the_gzip_header_says_nothing_of_the_machine(project: Project) -> None:
    content = project.build_sdist(*MEMBERS).read_bytes()

    assert content[:4] == b"\x1f\x8b\x08\x00"
    assert content[4:8] == bytes(4)
    assert content[9] == 255
    assert gzip.decompress(content)


def test_the_receipt_holds_pkg_info(project: Project) -> None:
    sdist = project.build_sdist(*MEMBERS)

    receipt = json.loads((sdist.parent / "receipt.json").read_bytes())
    assert receipt["sha256"] == hashlib.sha256(sdist.read_bytes()).hexdigest()
    assert receipt["size"] == sdist.stat().st_size
    assert (receipt["metadata"], receipt["requires_python"]) == (PKG_INFO, ">=3.10")
    assert receipt["members"] == []


def test_older_sdists_are_removed(project: Project) -> None:
    old = project.build_sdist(*MEMBERS, version="0.9")
    new = project.build_sdist(*MEMBERS)

    assert old != new
    assert names(new.parent) == ["demo-1.0.tar.gz", "receipt.json"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        pytest.param((text("a", ""),), "has no text member PKG-INFO, which every package needs", id="no PKG-INFO"),
        pytest.param(
            (*MEMBERS, text("src/tool.sh", "")),
            "a wheel can hold a path once only, twice are src/tool.sh",
            id="twice",
        ),
    ],
)
def test_plans_that_make_no_sense_are_refused(project: Project, members: tuple, message: str) -> None:
    with pytest.raises(UserError) as caught:
        project.build_sdist(*members)

    assert str(caught.value) == f"{project.tmp_path}/plans/sdist.json: {message}"


def test_members_with_sources_are_refused(project: Project) -> None:
    with pytest.raises(UserError) as caught:
        project.build_sdist(*MEMBERS, project.source("a", b"a"))

    plan = project.tmp_path / "plans/sdist.json"
    assert str(caught.value) == f"{plan}: the members of an sdist are texts, these are not: _demo/a"


def test_an_interrupted_build_leaves_no_receipt_of_other_bytes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdist = project.build_sdist(*MEMBERS)

    def crash(path: Path, *_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.wheel.sdist.write_json", crash)
    request = SdistRequest(
        plan=project.sdist_plan(*MEMBERS, text("b", "")),
        directory=sdist.parent,
        receipt=sdist.parent / "receipt.json",
    )
    with pytest.raises(KeyboardInterrupt):
        build_sdist(request, project.context)

    assert names(sdist.parent) == ["demo-1.0.tar.gz"]
