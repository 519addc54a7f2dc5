from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.artifacts import put
from tests.support.places import ROOT
from tools.artifact.form import FORMS
from tools.artifact.sidecar import read_sidecar, sha256_of
from tools.artifact.tar import read_members
from tools.artifact.unpack import local_archive, unpack
from tools.errors import UserError
from tools.sample.archives import ArchivesRequest, main, make_archive, make_archives

NAME = "rand_lib_generic"


def artifact(root: Path, time: float = 1_650_000_000.125) -> Path:
    """Return an artifact with an empty directory, links, and a file that two base dirs share."""
    files = {
        "artifact_manifest.txt": "two/stage\none/stage\nthree/stage\n",
        "two/stage/empty": None,
        "two/stage/lib/a.so": b"library" * 999,
        "one/stage/lib/c.so": "->b.so",
    }
    directory = put(root / NAME, files)
    (directory / "two/stage/lib/a.so").chmod(0o755)
    os.link(directory / "two/stage/lib/a.so", directory / "one/stage/lib/b.so")
    for path in directory.rglob("*"):
        os.utime(path, (time, time), follow_symlinks=False)
    return directory


def unpacked(archive: Path, out: Path) -> Path:
    return unpack(local_archive(archive), out, strict=True)[0]


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_is_as_the_ci_of_therock_makes_it(tmp_path, form):
    archive = tmp_path / f"{NAME}{form}"
    make_archive(artifact(tmp_path), archive)

    with tarfile.open(unpacked(archive, tmp_path / "out")) as tar:
        members = tar.getmembers()

    names = [member.name for member in members]
    assert names[:2] == ["artifact_manifest.txt", "two/stage"]
    assert names.index("two/stage/lib/a.so") < names.index("one/stage")
    kinds = {member.name: (member.type, member.linkname) for member in members}
    assert kinds["one/stage/lib/b.so"] == (tarfile.LNKTYPE, "two/stage/lib/a.so")
    assert kinds["one/stage/lib/c.so"] == (tarfile.SYMTYPE, "b.so")
    assert kinds["two/stage/empty"] == (tarfile.DIRTYPE, "")
    assert all(member.mtime == 1_650_000_000.125 for member in members)
    assert members[0].pax_headers["mtime"] == "1650000000.125"


def test_the_members_are_read_as_the_files_are(tmp_path):
    archive = tmp_path / f"{NAME}.tar.zst"
    make_archive(artifact(tmp_path), archive)

    members = {row.path: row for row in read_members(unpacked(archive, tmp_path / "out"))}

    assert sorted(members) == [
        "artifact_manifest.txt",
        "one/stage/lib/b.so",
        "one/stage/lib/c.so",
        "two/stage/empty",
        "two/stage/lib/a.so",
    ]
    assert members["one/stage/lib/b.so"][1:] == members["two/stage/lib/a.so"][1:]
    assert members["two/stage/lib/a.so"].mode == 0o755


def test_the_sidecar_has_digest_and_name(tmp_path):
    archive = tmp_path / f"{NAME}.tar.zst"
    make_archive(artifact(tmp_path), archive)

    sidecar = tmp_path / f"{NAME}.tar.zst.sha256sum"

    assert sidecar.read_text() == f"{sha256_of(archive)}  {NAME}.tar.zst\n"
    assert read_sidecar(archive) == sha256_of(archive)


@pytest.mark.parametrize("form", FORMS)
def test_equal_trees_give_equal_bytes_when_asked_for(tmp_path, form):
    for folder, time in (("a", 1.5), ("b", 2.0)):
        (tmp_path / folder).mkdir()
        make_archive(artifact(tmp_path / folder, time), tmp_path / folder / f"{NAME}{form}", same=True)

    assert (tmp_path / "a" / f"{NAME}{form}").read_bytes() == (tmp_path / "b" / f"{NAME}{form}").read_bytes()


def test_the_frames_carry_no_checksum(tmp_path):
    archive = tmp_path / f"{NAME}.tar.zst"
    make_archive(artifact(tmp_path), archive)

    assert not archive.read_bytes()[4] & 0b100  # Content_Checksum_flag (RFC 8878, 3.1.1.1.1)


def test_all_artifacts_of_a_directory_are_packed(tmp_path):
    artifact(tmp_path / "in")
    (tmp_path / "in" / "other").mkdir()

    archives = make_archives(ArchivesRequest(directory=tmp_path / "in", out=tmp_path / "out", sidecars=False))

    assert archives == [tmp_path / "out" / f"{NAME}.tar.zst"]
    assert list((tmp_path / "out").iterdir()) == archives


def test_a_directory_without_artifacts_is_said(tmp_path, capsys):
    assert main([str(tmp_path), str(tmp_path / "out")]) == 1
    assert (
        capsys.readouterr().err == f"{tmp_path}: holds no artifact, which is a directory with artifact_manifest.txt\n"
    )


def test_it_runs_as_a_module(tmp_path):
    artifact(tmp_path / "in")
    command = [sys.executable, "-m", "tools.sample.archives", tmp_path / "in", tmp_path / "out", "--form", ".tar.xz"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == f"{tmp_path}/out: 1 archives, 0.0 MB\n"


def test_an_unknown_form_is_said(tmp_path):
    with pytest.raises(UserError) as error:
        make_archive(artifact(tmp_path), tmp_path / "a.zip")

    assert str(error.value) == f"{tmp_path}/a.zip: is no archive; its name must end in .tar.zst, .tar.xz, .tar"
