"""Removing leaves no empty directory behind and nothing of anybody else's harmed."""

from __future__ import annotations

from tools.develop.remove import remove_all


def test_directories_that_are_empty_then_go_and_others_stay(environment):
    for path in ("a/b/c", "a/b/d", "e/f", "e/mine"):
        (environment.site / path).parent.mkdir(parents=True, exist_ok=True)
        (environment.site / path).touch()

    assert remove_all(environment, ["a/b/c", "a/b/d", "e/f", "missing/x"]) == 3

    assert sorted(path.name for path in environment.site.rglob("*")) == ["e", "mine"]


def test_a_link_goes_and_what_it_leads_to_stays(environment, tmp_path):
    (tmp_path / "target").touch()
    (environment.site / "link").symlink_to(tmp_path / "target")

    assert remove_all(environment, ["link"]) == 1

    assert (tmp_path / "target").exists()


def test_a_directory_is_not_removed(environment):
    (environment.site / "directory").mkdir()

    assert remove_all(environment, ["directory"]) == 0

    assert (environment.site / "directory").is_dir()


def test_byte_code_goes_with_its_source(environment):
    (environment.site / "p/__pycache__").mkdir(parents=True)
    (environment.site / "p/a.py").touch()
    (environment.site / "p/__pycache__/a.cpython-311.pyc").touch()

    remove_all(environment, ["p/a.py"])

    assert list(environment.site.iterdir()) == []


def test_scripts_go_and_their_directory_stays(environment):
    (environment.scripts / "x").touch()

    remove_all(environment, ["../../../bin/x"])

    assert [path.name for path in environment.scripts.iterdir()] == ["python"]
