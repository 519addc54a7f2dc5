"""A source that artifact_dir names: a directory, or a URL that is listed, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.loading.setting_values import source
from rules.loading.source import find_source
from tests.support.artifacts import write_artifact
from tests.support.servers import serving
from tools.artifact.source import LocalSource
from tools.sample.archives import make_archive


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("x", Path("/base/x")),
        ("/x/y", Path("/x/y")),
        ("file:///x/y%20z", Path("/x/y z")),
        ("file://localhost/x", Path("/x")),
        ("s3://bucket/77-linux", "s3://bucket/77-linux"),
        ("https://host/run/index.html", "https://host/run/index.html"),
    ],
)
def test_a_place_is_a_path_or_a_url(given, place):
    assert source(given, Path("/base")) == place


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("", "must be a path or a URL, such as s3://bucket/folder"),
        ("s3://", "must be a path or a URL, such as s3://bucket/folder"),
        (7, "must be a path or a URL, such as s3://bucket/folder"),
        ("file://host/x", "names another machine; file:///PATH names this one"),
    ],
)
def test_what_is_no_place_is_refused(given, problem):
    with pytest.raises(ValueError, match=problem) as caught:
        source(given, Path("/base"))

    assert str(caught.value) == problem


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    for name in ("a_lib_generic", "b_lib_generic"):
        write_artifact(tmp_path / "in", name, {}, "stage")
        make_archive(tmp_path / "in" / name, tmp_path / "run" / f"{name}.tar.zst")
    return tmp_path / "run"


def test_a_directory_is_not_listed_yet(tmp_path):
    found = find_source(tmp_path / "none", tmp_path / "build", strict=True, asks=True)

    assert found.source == LocalSource(tmp_path / "none", tmp_path / "build/archives")
    assert found.wanting(["a_lib_generic"], tmp_path / "build") is found.source


def test_only_what_is_wanted_is_looked_at(archives, tmp_path):
    with serving(archives) as server:
        find_source(server.url, tmp_path / "build", strict=True, asks=True).wanting(
            ["a_lib_generic"], tmp_path / "build"
        )

        assert sorted(server.asked) == [
            "GET",
            "GET a_lib_generic.tar.zst.sha256sum",
            "HEAD a_lib_generic.tar.zst",
            "HEAD a_lib_generic.tar.zst.sha256sum",
        ]


def test_what_was_kept_answers_questions_and_a_run_asks_anew(archives, tmp_path):
    with serving(archives) as server:
        first = find_source(server.url, tmp_path / "build", strict=True, asks=False)
        wanted = first.wanting(["a_lib_generic"], tmp_path / "build")
        server.asked.clear()

        kept = find_source(server.url, tmp_path / "build", strict=True, asks=False)
        assert kept.wanting(["a_lib_generic"], tmp_path / "build") == wanted
        assert server.asked == []

        again = find_source(server.url, tmp_path / "build", strict=True, asks=True)
        assert again.wanting(["a_lib_generic"], tmp_path / "build") == wanted
        assert "GET a_lib_generic.tar.zst.sha256sum" not in server.asked, "unchanged sidecars are not read again"
        assert server.asked


def test_what_was_kept_of_another_url_is_not_used(archives, tmp_path):
    with serving(archives) as one, serving(archives) as other:
        find_source(one.url, tmp_path / "build", strict=True, asks=True).wanting((), tmp_path / "build")

        assert str(find_source(other.url, tmp_path / "build", strict=True, asks=False).source) == other.url
        assert other.asked == ["GET"]
