"""``doit verify provenance=URL``: a published index against a rebuild, each difference named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tools.dist.fetch import open_index
from tools.verify.claims import check_claims
from tools.verify.finding import lines

CORE = "rocm_sdk_core-1.0-py3-none-linux_x86_64.whl"
LIBRARIES = "rocm_sdk_libraries_gfx94x_dcgpu-1.0-py3-none-linux_x86_64.whl"


@pytest.fixture
def published(sample_dist: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_dist, tmp_path / "published"))


def problems(dist: Path, published: Path) -> list[str]:
    return [f"{file}: {line}" for file, line in lines(check_claims(dist, open_index(str(published)).read))]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_was_published_is_what_a_rebuild_gives(sample_dist, published):
    assert problems(sample_dist, published) == []


def test_a_wheel_that_was_changed_by_one_byte_is_named(sample_dist, published):
    content = bytearray((published / CORE).read_bytes())
    content[len(content) // 2] ^= 1
    (published / CORE).write_bytes(content)

    assert problems(sample_dist, published) == [f"{CORE}: error: claims: is not the file that its statement speaks of"]


def test_a_wheel_that_was_changed_with_its_statement_is_named(sample_dist, published):
    statement = published / f"{CORE}.provenance.json"
    digest = json.loads(statement.read_bytes())["subject"][0]["digest"]["sha256"]
    (published / CORE).write_bytes(b"other")
    edit(statement, digest, "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa")

    assert problems(sample_dist, published) == [
        f"{CORE}: error: claims: was made from the same inputs and is another file"
    ]


def test_a_statement_that_was_changed_is_named(sample_dist, published):
    edit(published / f"{CORE}.provenance.json", '"urn:rules-rocm-wheels"', '"urn:someone-else"')

    assert problems(sample_dist, published) == [f"{CORE}: error: claims: has a statement that was changed"]


def test_a_statement_of_another_build_is_named_with_the_artifact_that_differs(sample_dist, published):
    statement = published / f"{LIBRARIES}.provenance.json"
    rows = json.loads(statement.read_bytes())["predicate"]["buildDefinition"]["resolvedDependencies"]
    digest = next(row["digest"]["sha256"] for row in rows if row["name"] == "blas_lib_gfx94X-dcgpu")
    edit(statement, digest, "0" * 64)

    assert problems(sample_dist, published) == [
        f"{LIBRARIES}: error: claims: is of another build than this one: blas_lib_gfx94X-dcgpu"
    ]


def test_a_statement_that_is_missing_is_named(sample_dist, published):
    (published / f"{CORE}.provenance.json").unlink()

    assert problems(sample_dist, published) == [f"{CORE}: error: claims: has no statement of provenance there"]


@pytest.mark.slow
def test_a_rebuilt_statement_is_the_same_and_verify_says_so(tmp_path):
    first = Doit(directory=tmp_path / "first", settings={"version": "1.0"})
    again = Doit(directory=tmp_path / "again", settings={"version": "1.0"})
    out = tmp_path / "out"
    assert first("publish", f"url={out}").code == 0

    sound = again("verify", f"provenance={out}")
    edit(out / f"{CORE}.provenance.json", '"urn:rules-rocm-wheels"', '"urn:someone-else"')
    changed = again("verify", f"provenance={out}")

    assert sound.code == 0, sound.out
    statements = sorted(path.name for path in first.dist.glob("*.provenance.json"))
    assert len(statements) > 5
    for name in statements:
        assert (first.dist / name).read_bytes() == (again.dist / name).read_bytes()
    assert changed.code == 1
    assert "  error: claims: has a statement that was changed" in changed.lines
