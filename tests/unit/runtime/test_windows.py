"""What the runtime does in Windows's way, as far as any system can tell; the rest is tested under Wine."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from rocm_sdk_core import _devel, _make, _tree, _windows
from rocm_sdk_core._cli import _run_child
from rocm_sdk_core._errors import SdkError

from tests.support import small_rocm
from tests.support.devel_tree import LINKS, ROOT
from tests.support.small_rocm import FAMILY


def windows_error(number: int, *names: str) -> OSError:
    """Return an error as Windows's Python raises it: EINVAL for what it does not know."""
    known = {112: (28, "No space left on device")}  # CPython, PC/errmap.h
    error = OSError(*known.get(number, (22, "Invalid argument")), *names[:1])
    error.winerror = number  # type: ignore[attr-defined]
    if len(names) > 1:
        error.filename2 = names[1]
    return error


@pytest.fixture
def files_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_windows, "FILES_ONLY", True)
    monkeypatch.setattr(_tree, "RELATIVE", False)


@pytest.fixture
def windows_site(tmp_path: Path) -> Path:
    """A site whose link table leads to files alone."""
    rows = [row for row in small_rocm.devel_rows(FAMILY) if row[0] not in ("lib64", "share/hip")]
    for wheel in (small_rocm.core(), small_rocm.libraries(FAMILY), small_rocm.devel(FAMILY, rows=rows)):
        wheel.unpack(tmp_path / "site")
    return tmp_path / "site"


def test_links_to_files_are_hard_links(windows_site: Path, files_only: None) -> None:
    assert _devel.make(str(windows_site), ROOT).made == len(LINKS) - 2

    found = [path for path in (windows_site / ROOT).rglob("*") if path.is_symlink()]
    assert found == []
    library = windows_site / ROOT / "lib/libamdhip64.so.7"
    assert library.samefile(windows_site / "_rocm_sdk_core/lib/libamdhip64.so.7")
    assert _devel.make(str(windows_site), ROOT).made == 0


def test_a_table_with_links_to_directories_is_another_systems(site: Path, files_only: None) -> None:
    with pytest.raises(SdkError) as caught:
        _devel.make(str(site), ROOT)

    assert str(caught.value) == (
        "rocm-sdk-devel-gfx94X-dcgpu has links to directories (lib64, share/hip), which Windows does not make: it was "
        f"built for another system; reinstall with: pip install --ignore-installed --no-deps --target {site} "
        f"--upgrade rocm-sdk-devel-gfx94X-dcgpu==10.1.0{small_rocm.SOURCE}"
    )


@pytest.mark.parametrize("number", [1, 17, 50, 142, 396, 1142])
def test_where_windows_has_no_hard_link_there_is_a_copy(
    windows_site: Path, files_only: None, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise windows_error(number)

    monkeypatch.setattr(_make.os, "link", refuse)

    assert _devel.make(str(windows_site), ROOT).made == len(LINKS) - 2
    library, original = (windows_site / place / "lib/libamdhip64.so.7" for place in (ROOT, "_rocm_sdk_core"))
    assert not library.samefile(original)
    assert library.read_bytes() == original.read_bytes()


def test_another_error_of_a_hard_link_is_told(
    windows_site: Path, files_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise windows_error(112)  # ERROR_DISK_FULL

    monkeypatch.setattr(_make.os, "link", refuse)

    with pytest.raises(SdkError) as caught:
        _devel.make(str(windows_site), ROOT)
    assert str(caught.value) == (
        f"{windows_site / ROOT}: the links of the devel tree cannot be made: No space left on device; free some space "
        "and run 'rocm-sdk init' again"
    )


def test_a_file_in_use_is_named(windows_site: Path, files_only: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _devel.make(str(windows_site), ROOT)
    program = windows_site / ROOT / "bin/hipcc"
    content = program.read_bytes()
    source = windows_site / "_rocm_sdk_core/bin/hipcc"
    source.unlink()
    source.write_bytes(content + b"newer")

    def refuse(one: str, other: str, **options: object) -> None:
        raise windows_error(5, one, other)

    monkeypatch.setattr(_make.os, "replace", refuse)

    with pytest.raises(SdkError) as caught:
        _devel.make(str(windows_site), ROOT)
    assert "cannot be replaced: a program has it loaded or open; end it and run 'rocm-sdk init' again" in str(
        caught.value
    )


def test_a_name_that_is_too_long_is_not_taken_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_long(*arguments: object, **options: object) -> os.stat_result:
        error = FileNotFoundError(2, "The filename or extension is too long")
        error.winerror = 206  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(_tree.os, "stat", too_long)

    with pytest.raises(FileNotFoundError):
        _tree.Place("x" * 300, None).status()


@pytest.mark.parametrize(
    ("code", "signed"), [(0, 0), (3, 3), (0x7FFFFFFF, 0x7FFFFFFF), (0xC0000135, -1073741515), (0xFFFFFFFF, -1)]
)
def test_exit_codes_have_a_sign(code: int, signed: int) -> None:
    assert _windows.exit_code(code) == signed


def test_long_paths_are_plain_elsewhere() -> None:
    assert _windows.long_path("/a/../b") == "/a/../b"


@pytest.mark.parametrize(
    ("long", "short"),
    [("\\\\?\\C:\\a", "C:\\a"), ("\\\\?\\UNC\\host\\share\\a", "\\\\host\\share\\a"), ("/a/b", "/a/b")],
)
def test_paths_are_shown_as_people_write_them(long: str, short: str) -> None:
    assert _windows.short_path(long) == short


def test_a_program_that_windows_cannot_start_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "hipcc.exe"
    program.write_bytes(b"no program")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("signal.signal", lambda *arguments: None)

    with pytest.raises(SystemExit) as caught:
        _run_child(str(program), [])

    assert str(caught.value) == f"{program}: cannot be run: Exec format error"


def test_a_dll_comes_behind_what_it_needs(site: Path, sources) -> None:
    loads = sources("rocm_sdk._loads")
    libraries = site / "_rocm_sdk_libraries_gfx94X_dcgpu"
    table = {"before": {f"{libraries.name}/bin/b.dll": ["_rocm_sdk_core/bin/a.dll"]}, "runtime": ["msvcp140.dll"]}
    (libraries / "rocm_sdk_libraries_gfx94X_dcgpu.loads.json").write_text(json.dumps(table))
    needed = site / "_rocm_sdk_core/bin/a.dll"
    needed.write_bytes(b"a")

    assert loads.in_order(libraries / "bin/b.dll") == [needed, libraries / "bin/b.dll"]
    assert loads.in_order(needed) == [needed]
    assert loads.read(libraries).runtime == ("msvcp140.dll",)


def test_a_dll_that_the_build_knew_of_and_that_is_gone_is_named(site: Path, sources) -> None:
    loads = sources("rocm_sdk._loads")
    core = site / "_rocm_sdk_core"
    table = {"before": {"_rocm_sdk_core/bin/b.dll": ["_rocm_sdk_core/bin/a.dll"]}, "runtime": []}
    (core / "rocm_sdk_core.loads.json").write_text(json.dumps(table))

    with pytest.raises(SdkError) as caught:
        loads.in_order(core / "bin/b.dll")

    assert str(caught.value) == (f"{core}/bin/b.dll needs {core}/bin/a.dll, and that is missing; run 'rocm-sdk check'")


@pytest.mark.parametrize("content", ["", "[]", '{"before": []}', '{"before": {"a": 1}, "runtime": []}'])
def test_a_damaged_table_is_a_sentence(site: Path, sources, content: str) -> None:
    file = site / "_rocm_sdk_core/rocm_sdk_core.loads.json"
    file.write_text(content)

    with pytest.raises(SdkError) as caught:
        sources("rocm_sdk._loads").read(site / "_rocm_sdk_core")

    assert str(caught.value) == f"{file}: is damaged; reinstall the wheel it belongs to"


def test_the_doctor_imports_without_windows(site: Path) -> None:
    done = small_rocm.run_python(site, "-c", "import rocm_sdk._windows, rocm_sdk._doctor; print('ok')")

    assert done.stdout == "ok\n", done.stderr
