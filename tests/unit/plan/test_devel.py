"""The links of a devel root."""

from __future__ import annotations

import pytest

from tools.plan.devel import Link, Provided, link_table
from tools.plan.tree import TreeRow


def file(path: str, platform_package: str = "_core", *, shared: bool = False, kind: str = "symlink") -> Provided:
    """Return a file of a wheel."""
    return Provided(TreeRow(path, kind, platform_package, path), platform_package, shared)  # type: ignore[arg-type]


def link(path: str, target: str) -> Provided:
    """Return a link of the tree."""
    return Provided(TreeRow(path, "link", "core", target), "_core", False)


@pytest.mark.parametrize(
    ("provided", "links"),
    [
        pytest.param([file("a/x"), file("a/y")], [("a", "symlink", "_core", "a")], id="a directory of one package"),
        pytest.param(
            [file("a/x"), file("a/y", "_other")],
            [("a/x", "symlink", "_core", "a/x"), ("a/y", "symlink", "_other", "a/y")],
            id="a directory of two packages",
        ),
        pytest.param(
            [file("a/x", shared=True)], [("a/x", "symlink", "_core", "a/x")], id="a package that others write to"
        ),
        pytest.param([file("a/x", kind="real")], [("a/x", "real", "_core", "a/x")], id="a file that finds others"),
        pytest.param([file("a/x", "_devel")], [], id="a file of the root's own wheel"),
        pytest.param(
            [file("x", kind="real"), link("y", "x")],
            [("x", "real", "_core", "x"), ("y", "symlink", "_devel", "x")],
            id="a link",
        ),
    ],
)
def test_the_links_of_a_root(provided, links):
    assert link_table(provided, "_devel").links == tuple(Link(*row) for row in links)


def test_a_link_to_nothing_is_told_and_left_out():
    table = link_table([file("x", kind="real"), link("y", "z"), link("loop", "loop")], "_devel")

    assert [row.path for row in table.dangling] == ["loop", "y"]
    assert [row.path for row in table.links] == ["x"]
