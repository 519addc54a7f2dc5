"""The embedded sample for Windows: what is in it, that it is right, and that its bytes are always the same."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import pytest

from tests.support.pe_facts import lists
from tests.support.pe_files import by_pefile, by_readobj, facts_of, in_words
from tests.support.windows import mingw, tree
from tools.errors import UserError
from tools.sample import windows
from tools.sample.windows import compiler
from tools.windows.closure import problems
from tools.windows.names import clashes, room, unfit
from tools.windows.order import load_order, load_problems

LAYOUTS = sorted(windows.ARTIFACTS)


@pytest.fixture(scope="module", params=LAYOUTS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    mingw.require()
    directory = tmp_path_factory.mktemp("sample") / "artifacts"
    windows.make_sample(directory, request.param)
    return request.param, directory


def contents(directory: Path) -> dict[str, tuple[str, int, int]]:
    """Return path -> digest, mode and time of every file."""
    return {
        file.relative_to(directory).as_posix(): (
            hashlib.sha256(file.read_bytes()).hexdigest(),
            file.stat().st_mode,
            file.stat().st_mtime_ns,
        )
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    }


def binaries(directory: Path) -> list[Path]:
    return [file for file in sorted(directory.rglob("*")) if file.suffix in (".dll", ".exe")]


def test_the_artifacts_are_those_that_names_tell(made: tuple[str, Path]) -> None:
    layout, directory = made

    assert tuple(sorted(path.name for path in directory.iterdir())) == windows.ARTIFACTS[layout]


def test_every_artifact_has_files_in_base_dirs_of_its_manifest(made: tuple[str, Path]) -> None:
    for artifact in made[1].iterdir():
        bases = (artifact / "artifact_manifest.txt").read_text("utf-8").splitlines()
        files = [file for file in artifact.rglob("*") if file.is_file() and file.name != "artifact_manifest.txt"]

        assert files, artifact
        assert all(any(file.is_relative_to(artifact / base) for base in bases) for file in files), artifact


def test_some_base_dirs_do_not_exist_as_on_real_windows_trees(made: tuple[str, Path]) -> None:
    base = made[1] / "base_lib_generic"

    assert "base/rocm_smi_lib/stage" in (base / "artifact_manifest.txt").read_text("utf-8").splitlines()
    assert not (base / "base/rocm_smi_lib").exists()


def test_facts_of_every_binary_are_those_that_others_see(made: tuple[str, Path]) -> None:
    distinct = {file.read_bytes(): file for file in binaries(made[1])}

    assert len(distinct) > 20
    for file in distinct.values():
        facts = facts_of(file)
        assert facts is not None
        words = in_words(facts)
        assert words == by_pefile(file), file
        seen = by_readobj(file)
        assert {name: words[name] for name in seen} == seen, file


def test_the_same_bytes_wherever_it_is_made(made: tuple[str, Path], tmp_path: Path) -> None:
    layout, directory = made
    windows.make_sample(tmp_path / "a directory" / "elsewhere", layout)

    assert contents(tmp_path / "a directory" / "elsewhere") == contents(directory)


def test_there_are_no_links(made: tuple[str, Path]) -> None:
    assert not [path for path in made[1].rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("family", windows.FAMILIES)
def test_all_that_is_needed_is_found(family: str, tmp_path: Path) -> None:
    mingw.require()
    windows.make_sample(tmp_path / "artifacts")
    packages = tree.packages(tree.package_files(tmp_path / "artifacts", family))

    assert problems(packages, lists()) == []
    assert load_problems(packages, lists()) == []
    order = load_order(packages, lists())
    names = [path.rpartition("/")[2] for path in order["_rocm_sdk_libraries/bin/MIOpen.dll"]]
    assert names == [
        *("amd_comgr.dll", "rocm_kpack.dll", "amdhip64_7.dll", "hiprtc-builtins0715.dll", "hiprtc0715.dll"),
        *("rocm-openblas.dll", "rocblas.dll"),
    ]


def test_all_names_are_fit_for_windows(made: tuple[str, Path]) -> None:
    layout, directory = made
    family = windows.FAMILIES[1] if layout == "per-family" else windows.DEVICE_TARGETS[1]
    files = tree.package_files(directory, family)
    paths = {role: [f"_rocm_sdk_{role}/{path}" for path in mine] for role, mine in files.items()}

    assert [sentence for mine in paths.values() for sentence in unfit(mine)] == []
    assert clashes(paths) == []
    assert 80 < room(path for mine in paths.values() for path in mine).left < 110


def test_without_a_compiler_the_sentence_has_both_commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compiler.shutil, "which", lambda name: None)
    monkeypatch.setattr(compiler.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(UserError) as caught:
        windows.make_sample(tmp_path / "artifacts")

    assert str(caught.value) == (
        "the embedded sample for Windows is cross-compiled, and there is neither x86_64-w64-mingw32-gcc on PATH nor "
        "the Python package ziglang (Debian, Ubuntu: apt-get install gcc-mingw-w64-x86-64; elsewhere: pip install "
        "ziglang); or set artifact_dir to real artifacts"
    )
    assert not list(tmp_path.iterdir())


def test_a_compiler_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "x86_64-w64-mingw32-gcc"
    tool.write_text("#!/bin/sh\necho 'no space' >&2\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    with pytest.raises(UserError) as caught:
        windows.make_sample(tmp_path / "artifacts")

    assert str(caught.value).startswith("x86_64-w64-mingw32-gcc cannot make ")
    assert "of the embedded sample and says 'no space'; if it is no C compiler for Windows, get one" in str(
        caught.value
    )


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ziglang") is None, reason="ziglang is not installed")
def test_zig_makes_it_where_there_is_no_mingw(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compiler.shutil, "which", lambda name: None)
    for name in ("one", "two"):
        windows.make_sample(tmp_path / name)
    packages = tree.packages(tree.package_files(tmp_path / "one", windows.FAMILIES[0]))

    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert problems(packages, lists()) == []
