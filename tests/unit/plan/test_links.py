"""Following links over the merged tree."""

from __future__ import annotations

import pytest

from tools.plan.links import Astray, follow

LINKS = {
    "lib64": "lib",
    "lib/liba.so": "liba.so.1",
    "lib/liba.so.1": "liba.so.1.0",
    "bin/tool": "../lib64/llvm/tool",
    "loop/a": "b",
    "loop/b": "a",
    "rooted": "//lib",
}


@pytest.mark.parametrize(
    ("path", "target", "reached"),
    [
        ("lib/liba.so", "liba.so.1", "lib/liba.so.1.0"),
        ("bin/tool", "../lib64/llvm/tool", "lib/llvm/tool"),
        ("a/b/c", "../../lib64/./x", "lib/x"),
        ("a/b", "../rooted/x", "lib/x"),
        ("a", ".", ""),
        ("a/b", "//lib64/y", "lib/y"),
        ("loop/c", "a", Astray.LOOP),
        ("a", "..", Astray.OUTSIDE),
        ("a/b", "../../etc", Astray.OUTSIDE),
        ("a", "/etc/passwd", Astray.ABSOLUTE),
    ],
)
def test_a_link_is_followed_to_its_end(path, target, reached):
    assert follow(path, target, LINKS) == reached


def test_a_chain_through_an_absolute_link_goes_astray():
    assert follow("a", "b", {"b": "/etc"}) is Astray.ABSOLUTE
