"""The rocm sdist: its archive, its names and its facts."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from tests.support.read_wheels import told
from tools.build_facts import MODULE, facts_text
from tools.verify.sdist import Sdist, read_sdist

FACTS = {
    "version": "1.0",
    "families": ["gfx94X-dcgpu"],
    "packages": {"libraries": {"distribution": "rocm-sdk-libraries-{family}"}},
    "requires": ["rocm-sdk-core==1.0"],
    "extras": {"devel": ["rocm-sdk-devel==1.0"]},
    "chosen_extras": {"libraries": {"gfx94X-dcgpu": ["rocm-sdk-libraries-gfx94X-dcgpu==1.0"]}},
    "bootstrap": "rocm-bootstrap==0.3.0",
}
FILES = {
    "PKG-INFO": b"Metadata-Version: 2.4\nName: rocm\nVersion: 1.0\nRequires-Python: >=3.10\n",
    "pyproject.toml": b"",
    MODULE: facts_text(FACTS).encode(),
}


def sdist(directory: Path, files: dict[str, bytes], top: str = "rocm-1.0/") -> Sdist:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in files.items():
            row = tarfile.TarInfo(top + name)
            row.size = len(content)
            archive.addfile(row, io.BytesIO(content))
    path = directory / "rocm-1.0.tar.gz"
    path.write_bytes(gzip.compress(plain.getvalue(), mtime=0))
    found = read_sdist(path)
    assert found is not None
    return found


def test_a_sound_sdist(tmp_path):
    found = sdist(tmp_path, FILES)

    assert found.findings == []
    assert (found.project, found.version, found.requires_python) == ("rocm", "1.0", ">=3.10")


def test_what_it_asks_for_by_extra(tmp_path):
    asked = [(extra, [str(one) for one in wanted]) for extra, wanted in sdist(tmp_path, FILES).requirements()]

    assert asked == [
        ("", ["rocm-sdk-core==1.0"]),
        ("", ["rocm-bootstrap==0.3.0"]),
        ("devel", ["rocm-sdk-devel==1.0"]),
        ("libraries", ["rocm-sdk-libraries-gfx94X-dcgpu==1.0"]),
    ]


def test_the_distributions_that_it_knows(tmp_path):
    assert sdist(tmp_path, FILES).distributions() == {"rocm-sdk-libraries", "rocm-sdk-libraries-gfx94x-dcgpu"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"PKG-INFO": None}, "metadata: has no PKG-INFO"),
        ({"pyproject.toml": None}, "metadata: has no pyproject.toml"),
        (
            {"PKG-INFO": b"Metadata-Version: 2.4\nName: rocm\nVersion: 2.0\n"},
            "metadata: PKG-INFO: is of rocm 2.0, the file name is not",
        ),
        (
            {MODULE: facts_text(FACTS | {"version": "2.0"}).encode()},
            "facts: rocm_sdk/_build_facts.py is of version 2.0",
        ),
    ],
)
def test_what_is_wrong(tmp_path, changes, problem):
    files = {name: content for name, content in {**FILES, **changes}.items() if content is not None}

    assert told(sdist(tmp_path, files).findings) == [f"error: {problem}"]


def test_files_beside_its_one_directory(tmp_path):
    found = sdist(tmp_path, {"PKG-INFO": b""}, top="other/")

    assert told(found.findings)[0] == "error: archive: does not lie in rocm-1.0/: other/PKG-INFO"


def test_an_archive_that_ends_too_early(tmp_path):
    path = tmp_path / "rocm-1.0.tar.gz"
    path.write_bytes(gzip.compress(bytes(5000))[:20])

    found = read_sdist(path)

    assert found is not None
    assert "error: archive: cannot be unpacked: it ends too early" in told(found.findings)


def test_a_name_that_is_no_sdists(tmp_path):
    assert read_sdist(tmp_path / "index.html") is None
