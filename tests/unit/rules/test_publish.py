"""What is said of a publication."""

from __future__ import annotations

import pytest

from rules.analysis.project import load_project
from rules.loading.settings import Settings, read_settings
from rules.publish import _retention, _summary, publish_tasks
from tests.support.places import SPECS
from tools.dist.publish import Publication
from tools.dist.retain import Retention

DONE = Publication(uploaded=("a", "b", "d"), copied=("d",), replaced=("b",), removed=("c",), size=2000, listed=7)


def test_what_was_done():
    assert _summary("s3://x", DONE, dry_run=False).splitlines() == [
        "uploaded  a",
        "copied    d, within the store",
        "replaced  b",
        "removed   c",
        "s3://x: 3 uploaded (2.00 kB), 1 removed, 7 listed",
    ]


def test_what_a_dry_run_would_do():
    assert _summary("s3://x", DONE, dry_run=True).splitlines() == [
        "would be uploaded  a",
        "would be copied    d, within the store",
        "would be replaced  b",
        "would be removed   c",
        "s3://x: 3 would be uploaded (2.00 kB), 1 would be removed, 7 would be listed",
    ]


def settings_of(directory, **given: str) -> Settings:
    return read_settings(directory, directory, {"version": "10.1.0", **given}, {})


READ_HERE = "--no-index --find-links /srv/rocm"


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ({"url": "/srv/rocm"}, READ_HERE),
        ({"url": "file:///srv/rocm"}, READ_HERE),
        (
            {"url": "s3://bucket/rocm", "public_url": "https://rocm.example/"},
            "--index-url https://rocm.example/simple/",
        ),
    ],
)
def test_what_was_published_is_installed_from_where_people_read_it(tmp_path, given, source):
    publish = next(publish_tasks(load_project(SPECS, settings_of(tmp_path, **given))))

    assert publish["meta"]["next"] == f"pip install {source} 'rocm[libraries-gfx120x-all]==10.1.0'"


@pytest.mark.parametrize("given", [{"url": "s3://bucket/rocm"}, {"url": "/srv/rocm", "dry_run": "yes"}, {}])
def test_nothing_is_next_where_nobody_knows_an_address(tmp_path, given):
    publish = next(publish_tasks(load_project(SPECS, settings_of(tmp_path, **given))))

    assert publish["meta"]["next"] == ""


@pytest.mark.parametrize(
    ("retention", "said"),
    [
        (
            {"staying": 3, "next": "1.0.dev1", "next_time": "2026-12-01"},
            "3 versions stay; the next goes after 2026-12-01: 1.0.dev1",
        ),
        ({"staying": 1}, "1 version stays; none goes later"),
    ],
)
def test_where_nothing_goes_it_is_said_what_stays_and_until_when(tmp_path, retention, said):
    nothing = Retention(versions={}, files=(), kept=(), size=0, digest="", **retention)

    assert _retention(settings_of(tmp_path, url="s3://x"), nothing).splitlines() == [
        "versions: none",
        said,
        "s3://x: 0 would be removed (0 bytes)",
    ]


def test_a_list_that_may_go_comes_with_the_command_that_agrees(tmp_path, monkeypatch):
    monkeypatch.setenv("DOITW_INVOKED_AS", "./doitw")
    old = Retention(versions={"1.0.dev1": "dev"}, files=("a",), kept=(), size=0, digest="ab12")

    assert _retention(settings_of(tmp_path, url="/my index"), old).splitlines()[-1] == (
        "to do it: ./doitw retain 'url=/my index' agree=ab12"
    )
