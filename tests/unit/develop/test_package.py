"""What installers add to the files of a wheel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.contracts import plan_of, text
from tools.develop.package import direct_url, planned_package
from tools.errors import UserError
from tools.plan.model import Member, WheelPlan


def devel(*members: Member) -> WheelPlan:
    metadata = text("a-1.dist-info/METADATA", "Name: a\nRequires-Python: >=3.10\n")
    return plan_of(*members, metadata, package="devel", distribution="a", version="1")


def test_direct_url_is_an_editable_directory():
    assert json.loads(direct_url(Path("/a folder/b"))) == {
        "url": "file:///a%20folder/b",
        "dir_info": {"editable": True},
    }


def test_console_scripts_stand_beside_the_python_of_the_environment(environment):
    scripts = text("a-1.dist-info/entry_points.txt", "[console_scripts]\nHip-CC = a._cli:main\n")

    package = planned_package(devel(scripts), Path("plan"), Path("/folder"), environment, requested=False)

    item = package.items["../../../bin/Hip-CC"]
    assert item.executable
    assert item.content.startswith(f"#!{environment.python}\n".encode())
    assert b"from a._cli import main\n" in item.content


@pytest.mark.parametrize("requested", [True, False])
def test_metadata_of_the_installer(requested, environment):
    package = planned_package(devel(), Path("plan"), Path("/folder"), environment, requested=requested)

    names = {"INSTALLER", "METADATA", "direct_url.json"} | ({"REQUESTED"} if requested else set())
    assert package.items.keys() == {f"a-1.dist-info/{name}" for name in names}
    assert package.requires_python == ">=3.10"


def test_the_root_of_a_devel_tree_is_where_its_own_table_lies(environment):
    own, other = text("_a/a.links.json", "{}"), text("_a/b.links.json", "{}")

    packages = [planned_package(devel(t), Path("p"), Path("/f"), environment, requested=False) for t in (own, other)]

    assert [package.tree for package in packages] == ["_a", ""]


def test_a_plan_without_metadata_is_refused(environment):
    plan = plan_of(distribution="a", version="1")

    with pytest.raises(UserError) as caught:
        planned_package(plan, Path("plan.json"), Path("/folder"), environment, requested=False)

    assert str(caught.value) == "plan.json: has no text member a-1.dist-info/METADATA, which every package needs"
