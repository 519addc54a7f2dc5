"""TheRock's globs."""

from __future__ import annotations

import pytest

from tools.plan.patterns import matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/cmake/**", "lib/cmake/hip/hip-config.cmake", True),
        ("**/cmake/**", "cmake/x", True),
        ("**/cmake/**", "lib/cmake", True),
        ("**/cmake/**", "lib/cmake2/x", False),
        ("bin/rocprof-*", "bin/rocprof-compute", True),
        ("bin/rocprof-*", "bin/rocprof-sys/x", False),
        ("bin/rocprof-*", "usr/bin/rocprof-compute", False),
        ("lib/rocprofiler-systems/**", "lib/rocprofiler-systems/a/b", True),
        ("lib/rocprofiler-systems/**", "lib/rocprofiler-systems", True),
        ("lib/rocprofiler-systems/**", "lib/rocprofiler-systems2", False),
        ("share/**/rocprofiler-compute/**", "share/rocprofiler-compute/x", True),
        ("share/**/rocprofiler-compute/**", "share/doc/a/rocprofiler-compute/x", True),
        ("lib/libprofiler-hub.so*", "lib/libprofiler-hub.so.1", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("**", "any/thing", True),
        ("a+b(c)", "a+b(c)", True),
        ("*.so", "a.so\n", False),
        pytest.param("**/" * 100 + "z", "a/" * 100 + "b", False, id="many times any directory"),
    ],
)
def test_patterns_are_anchored_globs(pattern, path, expected):
    assert matches(path, (pattern,)) is expected


def test_no_pattern_matches_nothing():
    assert not matches("a", ())
