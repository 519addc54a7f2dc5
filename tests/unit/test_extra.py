"""The command of an extra installs what its lock lists, and that is all that it needs."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.extra import command_for
from tools.naming import project_name

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("extra", ["dask", "report"])
def test_the_lock_that_a_command_names_has_what_the_extra_needs(extra):
    lock = Path(shlex.split(command_for(extra))[-1])

    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][extra]
    assert lock.parent == ROOT
    for need in needs:
        assert re.search(rf"^{re.escape(need)} \\$", lock.read_text(), re.MULTILINE)


@pytest.mark.parametrize("extra", ["dask", "pictures"])  # of `report` one file is used, which needs nothing
def test_what_an_extra_s_lock_lists_needs_nothing_that_no_lock_lists(extra):
    listed = locked(f"requirements-{extra}.lock") | locked("requirements.lock")

    lacking = [f"{name} needs {need}" for name in listed for need in needs_of(name) - listed.keys()]
    assert lacking == []


@pytest.mark.parametrize("extra", ["dask", "pictures", "report"])
def test_an_extra_s_lock_has_no_other_version_of_what_is_there(extra):
    there, more = locked("requirements-test.lock"), locked(f"requirements-{extra}.lock")

    assert {name: more[name] for name in more.keys() & there} == {name: there[name] for name in more.keys() & there}


def locked(lock: str) -> dict[str, str]:
    """Return project -> version of what a lock lists for this Python."""
    lines = re.findall(r"^\S+==.*?(?= \\$)", (ROOT / lock).read_text(), re.MULTILINE)
    rows = [Requirement(line) for line in lines]
    return {project_name(row.name): str(row.specifier) for row in rows if row.marker is None or row.marker.evaluate()}


def needs_of(name: str) -> set[str]:
    """Return the projects that an installed one needs here, without its extras."""
    rows = [Requirement(line) for line in distribution(name).requires or ()]
    return {project_name(row.name) for row in rows if row.marker is None or row.marker.evaluate({"extra": ""})}
