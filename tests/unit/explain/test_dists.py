"""What two dists, or two wheels, differ in."""

from __future__ import annotations

from pathlib import Path

from tests.support.wheels import Wheel
from tools.explain.dists import DiffRequest, compare_dists

GROWN = "{:,} bytes -> {:,} bytes ({:+,})"


def write(
    directory: Path, distribution: str, files: dict[str, bytes], version: str = "1.0", tag: str = "py3-none-any"
) -> Path:
    return Wheel(distribution=distribution, version=version, files=files, tag=tag).write(directory)


def grown(*pairs: tuple[Path, Path]) -> str:
    old, new = (sum(pair[side].stat().st_size for pair in pairs) for side in (0, 1))
    return GROWN.format(old, new, new - old)


def test_the_wheel_that_differs_most_comes_first_and_the_sum_last(tmp_path):
    a = write(tmp_path / "old", "a", {"a/x": b"x"}), write(tmp_path / "new", "a", {"a/x": b"y"})
    b = write(tmp_path / "old", "b", {"b/x": b"x"}), write(tmp_path / "new", "b", {"b/x": bytes(range(256)) * 9})

    lines = compare_dists(DiffRequest(old=tmp_path / "old", new=tmp_path / "new"))

    assert lines == [
        f"b 1.0: {grown(b)}",
        "  1 grown",
        "    b/x, 1 byte -> 2,304 bytes (+2,303)",
        f"a 1.0: {grown(a)}",
        "  1 changed, of the same size",
        "    a/x",
        f"all wheels: {grown(a, b)}",
    ]


def test_the_largest_of_what_was_added_comes_first(tmp_path):
    old = write(tmp_path / "old", "a", {})
    new = write(tmp_path / "new", "a", {"a/a": b"1", "a/b": b"333", "a/c": b"22"})

    assert compare_dists(DiffRequest(old=tmp_path / "old", new=tmp_path / "new"))[1:] == [
        "  3 added",
        "    a/b, 3 bytes",
        "    a/c, 2 bytes",
        "    a/a, 1 byte",
        f"all wheels: {grown((old, new))}",
    ]


def test_two_wheels_are_compared_whatever_lies_beside_them(tmp_path):
    old, new = write(tmp_path, "a", {"a/x": b"1"}), write(tmp_path, "a", {"a/x": b"22"}, "2.0")
    write(tmp_path, "a", {}, "3.0")

    lines = compare_dists(DiffRequest(old=old, new=new))

    assert lines[0] == f"a 1.0 -> 2.0: {grown((old, new))}"
    assert "    a/x, 1 byte -> 2 bytes (+1)" in lines


def test_a_wheel_is_equal_to_itself(tmp_path):
    wheel = write(tmp_path, "a", {"a/x": b"1"})

    assert compare_dists(DiffRequest(old=wheel, new=wheel)) == ["no difference in the files of 1 wheel"]


def test_of_a_dist_for_two_platforms_each_wheel_is_compared(tmp_path):
    for side in ("old", "new"):
        write(tmp_path / side, "a", {"a/x": b"1"}, tag="py3-none-linux_x86_64")
    windows = [
        write(tmp_path / side, "a", {"a/x.dll": content}, tag="py3-none-win_amd64")
        for side, content in (("old", b"1"), ("new", b"22"))
    ]

    lines = compare_dists(DiffRequest(old=tmp_path / "old", new=tmp_path / "new"))

    assert lines[:3] == [
        f"a (win_amd64) 1.0: {grown(tuple(windows))}",
        "  1 grown",
        "    a/x.dll, 1 byte -> 2 bytes (+1)",
    ]


def test_a_platform_that_one_dist_lacks_is_told(tmp_path):
    for side in ("old", "new"):
        write(tmp_path / side, "a", {"a/x": b"1"}, tag="py3-none-linux_x86_64")
    added = write(tmp_path / "new", "a", {}, tag="py3-none-win_amd64")

    lines = compare_dists(DiffRequest(old=tmp_path / "old", new=tmp_path / "new"))

    assert lines[0] == f"a (win_amd64): only in {tmp_path / 'new'}, {added.stat().st_size} bytes"
