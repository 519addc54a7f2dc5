"""Debian's CMake and pkg-config files find themselves one directory further up, wherever they lie."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.sample.debian.rewrite import rewrite
from tools.sample.debian.table import Edit

MULTIARCH = "usr/lib/x86_64-linux-gnu/cmake/a/a.cmake"


def cmake(text: str, debian_path: str = MULTIARCH) -> str:
    return rewrite(text, path="lib/cmake/a/a.cmake", debian_path=debian_path)


def test_library_directory_is_lib() -> None:
    assert cmake('"${PREFIX}/lib/x86_64-linux-gnu/liba.so.1"') == '"${PREFIX}/lib/liba.so.1"'


def test_four_levels_up_become_three() -> None:
    assert cmake('"${CMAKE_CURRENT_LIST_DIR}/../../../../" ABSOLUTE') == (
        '"${CMAKE_CURRENT_LIST_DIR}/../../../" ABSOLUTE'
    )


def test_four_parents_of_the_import_prefix_become_three() -> None:
    parent = 'get_filename_component(_IMPORT_PREFIX "${_IMPORT_PREFIX}" PATH)\n'

    assert cmake(parent * 4) == parent * 3


def test_a_file_that_did_not_move_up_keeps_its_levels() -> None:
    text = '"${CMAKE_CURRENT_LIST_DIR}/../../../../" ABSOLUTE'

    assert cmake(text, "usr/lib/cmake/a/a.cmake") == text


def test_the_comparison_with_usr_goes() -> None:
    text = (
        "before()\n"
        '# Use original install prefix when loaded through a "/usr move"\n'
        "# cross-prefix symbolic link such as /lib -> /usr/lib.\n"
        'get_filename_component(_realOrig "/usr/lib/x86_64-linux-gnu/cmake/a" REALPATH)\n'
        "if(_realCurr STREQUAL _realOrig)\n"
        '  set(PACKAGE_PREFIX_DIR "/usr")\n'
        "endif()\n"
        "unset(_realOrig)\n"
        "unset(_realCurr)\n"
        "after()\n"
    )

    assert cmake(text) == "before()\nafter()\n"


def test_pkg_config_starts_from_its_own_directory() -> None:
    text = "prefix=/usr\nlibdir=${prefix}/lib/x86_64-linux-gnu\n"

    assert rewrite(text, path="lib/pkgconfig/a.pc", debian_path="usr/lib/x86_64-linux-gnu/pkgconfig/a.pc") == (
        "prefix=${pcfiledir}/../..\nlibdir=${prefix}/lib\n"
    )


def test_other_files_change_by_their_edits_only() -> None:
    edit = Edit(path="bin/a", old="/usr/x", new="$HERE/x")

    text = rewrite("run /usr/x in lib/x86_64-linux-gnu", path="bin/a", debian_path="usr/bin/a", edits=[edit])

    assert text == "run $HERE/x in lib/x86_64-linux-gnu"


def test_an_edit_of_another_file_does_nothing() -> None:
    edit = Edit(path="bin/b", old="x", new="y")

    assert rewrite("x", path="bin/a", debian_path="usr/bin/a", edits=[edit]) == "x"


def test_an_edit_that_no_longer_fits_is_refused() -> None:
    edit = Edit(path="bin/a", old="/usr/x", new="$HERE/x")

    with pytest.raises(UserError) as caught:
        rewrite("run /opt/x", path="bin/a", debian_path="usr/bin/a", edits=[edit])

    assert str(caught.value) == ("bin/a: Debian's file no longer contains '/usr/x'; packages.toml must follow it")
