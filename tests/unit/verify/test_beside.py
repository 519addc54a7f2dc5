"""What lies beside wheels in a dist: wheels of ``rocm``, lock files, statements of provenance."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.read_wheels import sdist, told, wheel
from tests.support.wheels import Wheel as Written
from tools.verify.beside import check_beside, check_entries, is_beside, read_entries, read_variants
from tools.verify.identity import Wheel
from tools.verify.index import Listed

NAME = "rocm_sdk_core-1.0-py3-none-any.whl"
SHA256 = hashlib.sha256(b"wheel").hexdigest()
FILE = Listed(
    filename=NAME, project="rocm-sdk-core", version="1.0", size=5, sha256=SHA256, requires_python="", metadata=b""
)
IN_WHL = FILE._replace(filename="rocm-1.0-py3-none-any.whl", folder="whl")
LOCK = """
[[packages]]
name = "{name}"
[[packages.wheels]]
path = "{path}"
size = {size}
hashes = {{ sha256 = "{sha256}" }}
"""


def entry(*requires: str, version: str = "1.0") -> Wheel:
    """Return a wheel that stands for the sdist."""
    made = wheel("rocm", ours=False, version=version)
    return made._replace(identity=made.identity._replace(requires=tuple(map(Requirement, requires))))


def lock(dist: Path, **changes: object) -> list[str]:
    """Return what is told of a lock file with one row, which is right but for the changes."""
    row = {"name": "rocm-sdk-core", "path": NAME, "size": 5, "sha256": SHA256} | changes
    (dist / "pylock.gfx942.toml").write_text(LOCK.format(**row))
    return told(check_beside(dist, [FILE, IN_WHL]))


def statement(dist: Path, path: str, name: str, sha256: str = SHA256) -> list[str]:
    """Return what is told of a statement at ``path`` that speaks of a file."""
    (dist / path).parent.mkdir(exist_ok=True)
    (dist / path).write_text(json.dumps({"subject": [{"name": name, "digest": {"sha256": sha256}}]}))
    return told(check_beside(dist, [FILE, IN_WHL]))


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        (f"{NAME}.provenance.json", True),
        ("pylock.gfx942.toml", True),
        ("pylock.toml", False),
        ("pylock.a.b.toml", False),
        (NAME, False),
    ],
)
def test_files_that_belong_to_a_dist_without_being_listed(name, beside):
    assert is_beside(name) == beside


def test_an_entry_that_pins_what_is_there_is_fine():
    assert told(check_entries([entry("rocm-sdk-core==1.0")], [wheel("core")], [sdist()], ["linux"])) == []


@pytest.mark.parametrize(
    "requirement", ["rocm-sdk-core>=1.0", "rocm-sdk-core==2.0", "rocm-sdk-gone==1.0", "rocm-sdk-core"]
)
def test_an_entry_pins_each_of_its_requirements(requirement):
    assert told(check_entries([entry(requirement)], [wheel("core")], [sdist()], ["linux"])) == [
        f"error: entry: does not pin what the dist has: {requirement}"
    ]


@pytest.mark.parametrize(("system", "is_told"), [("linux", False), ("win32", True)])
def test_an_entry_pins_what_the_system_of_the_dist_needs(system, is_told):
    requirement = f'rocm-sdk-core==1.0; sys_platform == "{system}"'

    found = told(check_entries([entry(requirement)], [wheel("devel")], [sdist()], ["win32"]))

    assert found == [f"error: entry: does not pin what the dist has: {requirement}"] * is_told


def test_an_entry_of_another_version_than_the_sdist_stands_for_nothing():
    assert told(check_entries([entry(version="2.0")], [], [sdist()], ["linux"])) == [
        "error: entry: stands for no sdist of the dist"
    ]


def test_entries_are_read_and_looked_at_by_themselves(tmp_path):
    Written(distribution="rocm", version="1.0").write(tmp_path / "whl")
    (tmp_path / "whl" / "no.whl").write_bytes(b"no zip")

    with ThreadPoolExecutor(1) as pool:
        wheels, findings = read_entries(tmp_path, pool)

    assert [one.name for one in wheels] == ["rocm-1.0-py3-none-any.whl"]
    assert {one.file for one in findings if one.severity == "error" and one.check in ("archive", "names")} == {"no.whl"}


def test_variants_are_listed_with_the_metadata_that_they_hold(tmp_path):
    written = Written(distribution="rocm", version="1.0").write(tmp_path / "variants")
    (tmp_path / "variants" / "rocm-1.0-variants.json").write_bytes(b"{}")
    (tmp_path / "variants" / "other-1.0.whl").write_bytes(b"")

    listed, problems = read_variants(tmp_path)

    described, made = sorted(listed, key=lambda one: one.filename, reverse=True)
    assert problems == []

    assert (made.filename, described.filename) == (written.name, "rocm-1.0-variants.json")
    assert (made.project, made.version, made.requires_python, made.folder) == ("rocm", "1.0", ">=3.10", "variants")
    assert made.metadata == Written(distribution="rocm", version="1.0").metadata.encode()
    assert (described.metadata, described.sha256) == (None, hashlib.sha256(b"{}").hexdigest())


def test_a_folder_among_variants_is_told(tmp_path):
    (tmp_path / "variants" / "rocm-2.whl").mkdir(parents=True)

    listed, problems = read_variants(tmp_path)

    assert (listed, told(problems)) == ([], ["error: archive: is no regular file"])


def test_a_variant_that_cannot_be_unpacked_is_listed_without_metadata(tmp_path):
    path = Written(distribution="rocm", version="1.0").write(tmp_path / "variants")
    content = path.read_bytes()
    damaged = bytearray(content)
    start = content.index(b"METADATA") + len("METADATA")
    damaged[start : start + 8] = b"\xff" * 8
    path.write_bytes(damaged)

    [one], _ = read_variants(tmp_path)

    assert one.metadata == b""


def test_an_entry_that_is_no_file_is_told(tmp_path):
    (tmp_path / "whl").mkdir()
    os.mkfifo(tmp_path / "whl" / "rocm-1.0-py3-none-any.whl")

    with ThreadPoolExecutor(1) as pool:
        wheels, findings = read_entries(tmp_path, pool)

    assert (wheels, told(findings)) == ([], ["error: archive: is no regular file"])


def test_a_lock_file_that_names_what_is_there_is_fine(tmp_path):
    assert lock(tmp_path) == []
    assert lock(tmp_path, path=f"whl/{IN_WHL.filename}") == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"path": "gone.whl"}, "names what the dist does not have: gone.whl"),
        ({"size": 6}, f"has another size or sha256 than the file: {NAME}"),
        ({"sha256": "0" * 64}, f"has another size or sha256 than the file: {NAME}"),
    ],
)
def test_a_lock_file_that_speaks_of_other_files_is_told(tmp_path, changes, problem):
    assert lock(tmp_path, **changes) == [f"error: lock: {problem}"]


@pytest.mark.parametrize(
    "text",
    [
        "[[packages]]\nname = 'a'",
        "no toml",
        "packages = 1",
        "",
        pytest.param(
            LOCK.format(name="a", path="a", size=1, sha256="a").replace('path = "a"', "path = [1]"),
            id="a path of lists",
        ),
        pytest.param(f"packages = {'[' * 3000}{']' * 3000}", id="nested deeply"),
    ],
)
def test_a_lock_file_that_cannot_be_read_is_told(tmp_path, text):
    (tmp_path / "pylock.gfx942.toml").write_text(text)

    [problem] = told(check_beside(tmp_path, []))

    assert problem.startswith("error: lock: cannot be read: ")


@pytest.mark.parametrize(("name", "check"), [("pylock.gfx942.toml", "lock"), (f"{NAME}.provenance.json", "provenance")])
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path, name, check):
    os.mkfifo(tmp_path / name)

    [problem] = told(check_beside(tmp_path, [FILE]))

    assert problem.startswith(f"error: {check}: cannot be read: ")


def test_a_statement_of_the_file_that_it_lies_beside_is_fine(tmp_path):
    assert statement(tmp_path, f"{NAME}.provenance.json", NAME) == []
    assert statement(tmp_path, f"whl/{IN_WHL.filename}.provenance.json", IN_WHL.filename) == []


@pytest.mark.parametrize(
    ("path", "name", "sha256", "problem"),
    [
        (f"{NAME}.provenance.json", "other.whl", SHA256, "speaks of another file than the one it lies beside"),
        (f"{NAME}.provenance.json", NAME, "0" * 64, "speaks of another file than the one it lies beside"),
        ("gone.whl.provenance.json", "gone.whl", SHA256, "belongs to no file of the dist"),
        (f"whl/{NAME}.provenance.json", NAME, SHA256, "belongs to no file of the dist"),
    ],
)
def test_a_statement_of_something_else_is_told(tmp_path, path, name, sha256, problem):
    assert statement(tmp_path, path, name, sha256) == [f"error: provenance: {problem}"]


@pytest.mark.parametrize(
    "content", [b"{}", b"\xff", b"[]", b'{"subject": [{"name": 1}]}', pytest.param(b"[" * 100_000, id="nested deeply")]
)
def test_a_statement_that_cannot_be_read_is_told(tmp_path, content):
    (tmp_path / f"{NAME}.provenance.json").write_bytes(content)

    [problem] = told(check_beside(tmp_path, [FILE]))

    assert problem.startswith("error: provenance: cannot be read: ")
