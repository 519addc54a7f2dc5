from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st

from tools.catalog.model import Catalog
from tools.plan.model import Member
from tools.plan.provenance import (
    UNKNOWN,
    Commit,
    Provenance,
    parse_provenance,
    read_provenance,
    sbom_text,
)

SHA = "0123456789abcdef0123456789abcdef01234567"
OTHER = SHA[::-1]
MANIFEST = {
    "the_rock_commit": SHA,
    "submodules": [
        {
            "submodule_name": "rocm-systems",
            "submodule_url": "https://github.com/ROCm/rocm-systems.git",
            "pin_sha": OTHER,
        },
        {"submodule_name": "llvm-project", "submodule_url": "git@host:llvm", "pin_sha": SHA},
    ],
}
COMMITS = (
    Commit("TheRock", "https://github.com/ROCm/TheRock", SHA),
    Commit("llvm-project", "", SHA),
    Commit("rocm-systems", "https://github.com/ROCm/rocm-systems.git", OTHER),
)


def taken(source: str, content: bytes) -> Member:
    digest = hashlib.sha256(content).hexdigest()
    return Member(path=f"_core/{source}", kind="copy", mode=0o644, source=source, size=len(content), sha256=digest)


MEMBERS = (
    taken("base_lib_generic/base/stage/b", b"b"),
    taken("base_lib_generic/base/stage/a", b"a"),
    taken("blas_lib_generic/blas/stage/c", b"c"),
    Member(path="_core/d", kind="text", mode=0o644, argument="d"),
)


def test_commits_of_a_manifest():
    assert parse_provenance(json.dumps(MANIFEST).encode()).commits == COMMITS


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"the_rock_commit": 1, "submodules": {}}',
        b'{"the_rock_commit": "main", "submodules": [1, null, {}, {"submodule_name": "a", "pin_sha": "HEAD"}]}',
        b'{"submodules": [{"submodule_name": "<script>", "pin_sha": "' + SHA.encode() + b'"}]}',
    ],
)
def test_a_strange_manifest_says_nothing(manifest):
    assert parse_provenance(manifest) == UNKNOWN


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["submodules", "the_rock_commit", "submodule_name", "pin_sha", "submodule_url"]), inner
            )
        ),
    )
)
def test_any_manifest_gives_a_document(manifest):
    text = sbom_text("rocm-sdk-core", "1.0", MEMBERS, parse_provenance(json.dumps(manifest).encode()))

    assert json.loads(text)["bomFormat"] == "CycloneDX"


def test_a_repository_that_is_named_twice_is_told_once_with_its_url():
    known, url = {"submodule_name": "a", "pin_sha": SHA}, "https://github.com/ROCm/a"
    for rows in ([known, known | {"submodule_url": url}], [known | {"submodule_url": url}, known]):
        manifest = json.dumps({"the_rock_commit": SHA, "submodules": [*rows, known | {"submodule_name": "TheRock"}]})

        assert parse_provenance(manifest.encode()).commits == (COMMITS[0], Commit("a", url, SHA))


def test_a_manifest_that_is_not_there():
    assert read_provenance([]) == UNKNOWN
    assert read_provenance([_catalog("base_lib_generic", {})]) == UNKNOWN


def test_the_manifest_is_read_from_the_catalog_of_the_base_artifact():
    texts = {"share/therock/therock_manifest.json": json.dumps(MANIFEST)}

    assert read_provenance([_catalog("blas_lib_generic", {}), _catalog("base_lib_generic", texts)]).commits == COMMITS
    assert read_provenance([_catalog("blas_lib_generic", texts)]) == UNKNOWN


def _catalog(artifact: str, texts: dict[str, str]) -> Catalog:
    return Catalog(artifact=artifact, base_dirs=("base/stage",), entries=(), texts=texts)


def test_the_document_names_artifacts_members_and_commits():
    document = json.loads(sbom_text("rocm-sdk-core", "1.0+local", MEMBERS, Provenance(COMMITS)))

    assert document["specVersion"] == "1.6"
    assert document["metadata"] == {
        "component": {
            "bom-ref": "wheel",
            "name": "rocm-sdk-core",
            "purl": "pkg:pypi/rocm-sdk-core@1.0%2Blocal",
            "type": "library",
            "version": "1.0+local",
        }
    }
    parts = {part["bom-ref"]: part for part in document["components"]}
    assert sorted(parts) == [
        "artifact:base_lib_generic",
        "artifact:blas_lib_generic",
        f"source:TheRock@{SHA}",
        f"source:llvm-project@{SHA}",
        f"source:rocm-systems@{OTHER}",
    ]
    lines = [f"{hashlib.sha256(one).hexdigest()}  base/stage/{one.decode()}\n" for one in (b"a", b"b")]
    assert parts["artifact:base_lib_generic"]["properties"] == [
        {"name": "rocm:artifact:members", "value": "2"},
        {
            "name": "rocm:artifact:members:sha256",
            "value": hashlib.sha256("".join(sorted(lines)).encode()).hexdigest(),
        },
    ]
    assert parts[f"source:rocm-systems@{OTHER}"]["externalReferences"] == [
        {"type": "vcs", "url": "https://github.com/ROCm/rocm-systems.git"}
    ]
    [root] = [row for row in document["dependencies"] if row["ref"] == "wheel"]
    assert root["dependsOn"] == sorted(parts)


def test_files_that_the_wheel_did_not_take_change_nothing():
    before = sbom_text("rocm-sdk-core", "1.0", MEMBERS[:3], UNKNOWN)

    assert sbom_text("rocm-sdk-core", "1.0", MEMBERS, UNKNOWN) == before
    assert sbom_text("rocm-sdk-core", "1.0", MEMBERS[:2], UNKNOWN) != before


def test_order_changes_nothing():
    members = list(MEMBERS) * 2
    random.Random(1).shuffle(members)

    assert sbom_text("rocm-sdk-core", "1.0", members, Provenance(COMMITS)) == sbom_text(
        "rocm-sdk-core", "1.0", MEMBERS, Provenance(COMMITS)
    )


def test_the_document_is_valid_and_the_same_in_every_process(request):
    """Time, hash seed and the document's own serial number do not reach it; the library's schema accepts it."""
    script = (
        "from tests.unit.plan.test_provenance import *\n"
        "import sys\n"
        "sys.stdout.write(sbom_text('rocm-sdk-core', '1.0', MEMBERS, Provenance(COMMITS)))\n"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=request.config.rootpath,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }

    assert texts == {sbom_text("rocm-sdk-core", "1.0", MEMBERS, Provenance(COMMITS))}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(*texts) is None


def test_the_document_of_a_wheel_without_artifacts_is_valid():
    text = sbom_text("rocm", "1!2.0+local", (), UNKNOWN)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
