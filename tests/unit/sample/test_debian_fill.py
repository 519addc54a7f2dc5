"""Unpacked packages become artifact directories; the result is one working tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.support.compiler import compile_library
from tools.errors import UserError
from tools.sample.debian.fill import ArtifactSet, add_own, add_package
from tools.sample.debian.libraries import complete, tell_apart
from tools.sample.debian.table import Table

TABLE = msgspec.convert(
    {
        "version": "1.0",
        "families": ["gfx94X-dcgpu", "gfx120X-all"],
        "system": ["libc.so.6"],
        "left_out": ["usr/share/lintian/*"],
        "components": [["include/*", "dev"], ["*.cmake", "dev"], ["*.so*", "lib"], ["*", "run"]],
        "targets": {},
        "places": {"rocm": [["usr/lib/x86_64-linux-gnu/", "lib/"], ["usr/", ""]]},
        "artifacts": {
            "core-hip": {"components": ["lib", "run", "dev"]},
            "rand": {"per": "family", "components": ["lib", "dev"]},
        },
        "groups": [
            {"packages": ["libhip"], "artifact": "core-hip", "base": "core/clr/stage"},
            {"packages": ["librand"], "artifact": "rand", "base": "math-libs/rocRAND/stage"},
        ],
        "links": [
            {"artifact": "core-hip", "component": "run", "base": "base/stage", "to": {"bin/tool2": "tool"}},
        ],
        "texts": [
            {"path": ".info/x", "artifact": "core-hip", "component": "lib", "base": "base/stage", "text": "y\n"},
        ],
        "edits": [{"path": "bin/tool", "old": "/usr", "new": "ROOT"}],
    },
    type=Table,
)
CORE, RAND = TABLE.groups
FAMILIES = ("gfx94X-dcgpu", "gfx120X-all")


@pytest.fixture
def tree(tmp_path: Path) -> ArtifactSet:
    return ArtifactSet(root=tmp_path / "tree", table=TABLE, families=FAMILIES)


def unpacked(directory: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("->"):
            file.symlink_to(text.removeprefix("->"))
        else:
            file.write_text(text)
    return directory


def listing(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): f"->{path.readlink()}" if path.is_symlink() else path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_a_familys_file_lies_in_each_family(tree: ArtifactSet, tmp_path: Path) -> None:
    add_package(tree, RAND, unpacked(tmp_path / "deb", {"usr/include/rand.h": "int x;\n"}))

    assert listing(tree.root) == {
        f"rand_dev_{family}/math-libs/rocRAND/stage/include/rand.h": "int x;\n" for family in FAMILIES
    }


def test_a_familys_files_are_copies_of_their_own(tree: ArtifactSet, tmp_path: Path) -> None:
    add_package(tree, RAND, unpacked(tmp_path / "deb", {"usr/include/rand.h": "int x;\n"}))

    assert {path.stat().st_nlink for path in tree.root.rglob("rand.h")} == {1}


def test_links_texts_and_edits_of_the_table_are_there(tree: ArtifactSet, tmp_path: Path) -> None:
    deb = unpacked(tmp_path / "deb", {"usr/bin/tool": "#!/bin/sh\nls /usr\n", "usr/share/lintian/x": "no"})

    add_package(tree, CORE, deb)
    add_own(tree)

    assert listing(tree.root) == {
        "core-hip_lib_generic/base/stage/.info/x": "y\n",
        "core-hip_run_generic/base/stage/bin/tool2": "->tool",
        "core-hip_run_generic/core/clr/stage/bin/tool": "#!/bin/sh\nls ROOT\n",
    }


def test_modes_are_0644_or_0755(tree: ArtifactSet, tmp_path: Path) -> None:
    deb = unpacked(tmp_path / "deb", {"usr/bin/tool": "/usr", "usr/include/a.h": "a"})
    (deb / "usr/bin/tool").chmod(0o4711)
    (deb / "usr/include/a.h").chmod(0o600)

    add_package(tree, CORE, deb)

    modes = {path.name: path.stat().st_mode & 0o7777 for path in tree.root.rglob("*") if path.is_file()}
    assert modes == {"tool": 0o755, "a.h": 0o644}


def test_manifests_list_the_base_dirs_of_all_components(tree: ArtifactSet, tmp_path: Path) -> None:
    add_package(tree, CORE, unpacked(tmp_path / "deb", {"usr/include/a.h": "a"}))

    tree.write_manifests()

    manifest = tree.root / "core-hip_dev_generic/artifact_manifest.txt"
    assert manifest.read_text() == "base/stage\ncore/clr/stage\n"


def test_a_path_of_two_packages_is_refused(tree: ArtifactSet, tmp_path: Path) -> None:
    add_package(tree, CORE, unpacked(tmp_path / "one", {"usr/include/a.h": "a"}))

    with pytest.raises(UserError) as caught:
        add_package(tree, CORE, unpacked(tmp_path / "two", {"usr/include/a.h": "b"}))

    assert str(caught.value) == (
        "core-hip_dev_generic/core/clr/stage/include/a.h: two Debian packages bring it; packages.toml must choose"
    )


def test_a_link_to_nothing_and_a_missing_library_are_named_together(tree: ArtifactSet, tmp_path: Path) -> None:
    deb = unpacked(tmp_path / "deb", {"usr/lib/x86_64-linux-gnu/liba.so": "->liba.so.1"})
    shared_library(tmp_path / "other/libother.so", "int other(void) { return 1; }")
    shared_library(
        deb / "usr/lib/x86_64-linux-gnu/libhip.so.1", "int other(void); int hip(void) { return other(); }",
        tmp_path / "other/libother.so",
    )  # fmt: skip
    add_package(tree, CORE, deb)
    tree.write_manifests()

    with pytest.raises(UserError) as caught:
        complete(tree)

    assert str(caught.value) == (
        "packages.toml names packages that do not suffice:"
        " lib/liba.so is a link to lib/liba.so.1, lib/libhip.so.1 needs libother.so"
    )


def test_libraries_find_each_other_in_the_merged_tree_and_differ_by_family(tree: ArtifactSet, tmp_path: Path) -> None:
    hip, rand = tmp_path / "hip/usr/lib/x86_64-linux-gnu", tmp_path / "rand/usr/lib/x86_64-linux-gnu"
    shared_library(hip / "libhip.so.1", "int hip(void) { return 42; }")
    shared_library(rand / "librand.so.1", "int hip(void); int rand42(void) { return hip(); }", hip / "libhip.so.1")
    add_package(tree, CORE, tmp_path / "hip")
    add_package(tree, RAND, tmp_path / "rand")
    tree.write_manifests()

    complete(tree)
    tell_apart(tree)

    libraries = [tree.root / f"rand_lib_{f}/math-libs/rocRAND/stage/lib/librand.so.1" for f in FAMILIES]
    assert libraries[0].read_bytes() != libraries[1].read_bytes()
    for family, library in zip(FAMILIES, libraries, strict=True):
        merged = tmp_path / "merged" / family / "lib"
        merged.mkdir(parents=True)
        os.link(tree.root / "core-hip_lib_generic/core/clr/stage/lib/libhip.so.1", merged / "libhip.so.1")
        os.link(library, merged / "librand.so.1")
        assert called(merged / "librand.so.1", "rand42") == "42"


def shared_library(path: Path, source: str, *needed: Path) -> None:
    compile_library(path, source, *needed, f"-Wl,-soname,{path.name}", "-Wl,--build-id=sha1")


def called(library: Path, function: str) -> str:
    """Return what the function of the library returns, in a process of its own."""
    program = f"import ctypes; print(ctypes.CDLL({str(library)!r}).{function}())"
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()
