"""The tables of system DLLs and run-time loads: what they know, and sentences for tables that are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.pe_facts import lists
from tests.support.places import SPECS
from tools.errors import UserError
from tools.windows.lists import read_lists


@pytest.mark.parametrize(
    ("library", "kind"),
    [
        ("KERNEL32.dll", "system"),
        ("api-ms-win-crt-runtime-l1-1-0.dll", "system"),
        ("MSVCP140_ATOMIC_WAIT.dll", "runtime"),
        ("VCRUNTIME140D.dll", "never"),
        ("vcruntime140_1d.dll", "never"),
        ("amdhip64_7.dll", None),
    ],
)
def test_kinds_of_dlls(library: str, kind: str | None) -> None:
    known = lists().kind(library)

    assert (known and known[0]) == kind


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    shutil.copytree(SPECS / "windows", tmp_path / "windows")
    return tmp_path / "windows"


def sentence(specs: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_lists(specs)
    return str(caught.value)


def test_a_pattern_without_a_package_is_told(specs: Path) -> None:
    file = specs / "runtime_loads.toml"
    file.write_text('[[load]]\nuser = "core:bin/a.dll"\nloads = "bin/b.dll"\nreason = "so"\n')

    assert sentence(specs) == (
        f"{file}: load[0].loads: 'bin/b.dll' is not PACKAGE:PATTERN of a DLL, like 'core:bin/hip*.dll'"
    )


def test_a_file_that_is_missing_is_told(specs: Path) -> None:
    (specs / "system_libraries.toml").unlink()

    assert sentence(specs) == f"{specs / 'system_libraries.toml'}: cannot be read: No such file or directory"


def test_a_key_that_is_not_known_is_told(specs: Path) -> None:
    file = specs / "runtime_loads.toml"
    file.write_text('[[load]]\nwho = "core:bin/a.dll"\n')

    assert sentence(specs).startswith(f"{file}: ")


def test_a_file_that_is_no_toml_is_told(specs: Path) -> None:
    file = specs / "runtime_loads.toml"
    file.write_text("[[load]\n")

    assert sentence(specs).startswith(f"{file}: is not TOML: ")
