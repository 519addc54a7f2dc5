"""What base_lib_generic says of the artifacts: version and layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rules.loading.release import Release, development_version, read_release
from tools.artifact.source import LocalSource
from tools.errors import UserError


@pytest.fixture
def artifact_dir(tmp_path: Path) -> Path:
    base = tmp_path / "base_lib_generic"
    write(base / "artifact_manifest.txt", "base/half/stage\nbase/aux-overlay/stage\n")
    write(base / "base/aux-overlay/stage/.info/version", "10.1.0\n")
    write(manifest_of(tmp_path), json.dumps({"flags": {"KPACK_SPLIT_ARTIFACTS": True}}))
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def manifest_of(artifact_dir: Path) -> Path:
    return artifact_dir / "base_lib_generic/base/aux-overlay/stage/share/therock/therock_manifest.json"


def test_version_and_layout_are_read_from_whichever_base_dir_has_them(artifact_dir):
    assert read_release(LocalSource(artifact_dir), None) == Release(version="10.1.0.dev0", kpack_split=True)


def test_a_version_that_the_user_names_is_taken_as_it_is(artifact_dir):
    assert read_release(LocalSource(artifact_dir), "7.0rc1").version == "7.0rc1"


@pytest.mark.parametrize(
    ("text", "split"),
    [("{}", None), ('{"flags": {}}', None), ('{"flags": {"KPACK_SPLIT_ARTIFACTS": false}}', False)],
)
def test_artifacts_may_say_that_they_are_not_split_or_say_nothing(artifact_dir, text, split):
    manifest_of(artifact_dir).write_text(text)

    assert read_release(LocalSource(artifact_dir), None).kpack_split is split


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "share/therock/therock_manifest.json is not JSON: Expecting value: line 1 column 2 (char 1)"),
        ("[]", "share/therock/therock_manifest.json: flags.KPACK_SPLIT_ARTIFACTS must be true or false"),
        (
            '{"flags": 1}',
            "share/therock/therock_manifest.json: flags.KPACK_SPLIT_ARTIFACTS must be true or false",
        ),
        (
            '{"flags": {"KPACK_SPLIT_ARTIFACTS": "ON"}}',
            "share/therock/therock_manifest.json: flags.KPACK_SPLIT_ARTIFACTS must be true or false",
        ),
        (
            "[" * 100_000,
            "share/therock/therock_manifest.json is not JSON: maximum recursion depth exceeded while decoding a JSON "
            "array from a unicode string",
        ),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(artifact_dir, text, problem):
    manifest_of(artifact_dir).write_text(text)

    with pytest.raises(UserError) as caught:
        read_release(LocalSource(artifact_dir), None)

    assert str(caught.value) == f"{artifact_dir / 'base_lib_generic'}: {problem}"


def test_missing_base_lib_generic_is_a_sentence(tmp_path):
    with pytest.raises(UserError) as caught:
        read_release(LocalSource(tmp_path), None)

    assert str(caught.value) == (
        f"{tmp_path}: has no base_lib_generic; it says which version and layout the artifacts are of"
    )


@pytest.mark.parametrize(
    ("missing", "wanted"),
    [
        ("share/therock/therock_manifest.json", "TheRock's manifest, or {} where there is none"),
        (".info/version", "a version, such as 7.1.0"),
    ],
)
def test_a_missing_file_is_named(artifact_dir, missing, wanted):
    (artifact_dir / "base_lib_generic/base/aux-overlay/stage" / missing).unlink()

    with pytest.raises(UserError) as caught:
        read_release(LocalSource(artifact_dir), None)

    place = artifact_dir / "base_lib_generic"
    assert str(caught.value) == f"{place}: none of its base dirs has {missing}; write there {wanted}"


def test_a_version_named_by_the_user_needs_no_file(artifact_dir):
    (artifact_dir / "base_lib_generic/base/aux-overlay/stage/.info/version").unlink()

    assert read_release(LocalSource(artifact_dir), "1.0").version == "1.0"


def test_base_dirs_that_escape_are_not_followed(artifact_dir):
    write(artifact_dir / "secret/.info/version", "6.6.6\n")
    (artifact_dir / "base_lib_generic/artifact_manifest.txt").write_text("../secret\n")

    with pytest.raises(UserError, match="base dirs must be plain relative paths inside the artifact"):
        read_release(LocalSource(artifact_dir), None)


@pytest.mark.parametrize(
    ("stated", "version"),
    [
        ("10.1.0", "10.1.0.dev0"),
        ("10.1.0-rc1", "10.1.0rc1.dev0"),
        ("10.1.0+abc", "10.1.0.dev0+abc"),
        ("10.1.0.dev7", "10.1.0.dev7"),
        ("v10.1", "10.1.dev0"),
    ],
)
def test_a_build_that_nobody_named_is_a_development_version(stated, version):
    assert development_version(stated, "here") == version


def test_a_stated_version_that_is_none_is_refused():
    with pytest.raises(UserError) as caught:
        development_version("10.1.0-7-gabc <b>", "here")

    assert str(caught.value) == (
        "here: .info/version says '10.1.0-7-gabc <b>', which is no version as PEP 440 defines it; "
        "name one by version=..."
    )


def test_a_stated_version_of_more_digits_than_python_reads_is_refused():
    with pytest.raises(UserError) as caught:
        development_version("1" * 5000, "base")

    assert str(caught.value) == (
        f"base: .info/version says '{'1' * 100}', which is no version as PEP 440 defines it; name one by version=..."
    )
