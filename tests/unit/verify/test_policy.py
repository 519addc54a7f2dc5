from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.places import SPECS
from tools.errors import UserError
from tools.verify.policy import read_policy


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SPECS, tmp_path / "specs", ignore=shutil.ignore_patterns("runtime", "templates")))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[library]]\nname = "libx.so.1"\n', "Object missing required field `reason` - at `$.library[0]`"),
        (
            '[[library]]\nname = "libx.so.1"\nreason = "x"\nrason = "y"\n',
            "Object contains unknown field `rason` - at `$.library[0]`",
        ),
        ("[[library]]\nname = 1\nreason = 'x'\n", "Expected `str`, got `int` - at `$.library[0].name`"),
        ("[[library]\n", "is not TOML: Expected ']]' at the end of an array declaration (at line 1, column 10)"),
    ],
)
def test_a_list_that_is_wrong_names_file_and_key(specs, text, problem):
    file = specs / "system_libraries.toml"
    file.write_text(text)

    with pytest.raises(UserError) as caught:
        read_policy(specs)

    assert str(caught.value) == f"{file}: {problem}"


def test_a_list_that_is_not_there(specs, tmp_path):
    with pytest.raises(UserError) as caught:
        read_policy(specs, [tmp_path / "none.toml"])

    assert str(caught.value) == f"{tmp_path / 'none.toml'}: cannot be read: No such file or directory"


def test_further_lists_add_to_ours(specs, tmp_path):
    more = tmp_path / "more.toml"
    more.write_text('[[library]]\nname = "libnuma.so.1"\nreason = "Debian has it"\n')

    assert read_policy(specs, [more]).system - read_policy(specs).system == {"libnuma.so.1"}


def test_all_of_glibc_that_a_file_can_be_linked_with_is_known():
    """As in its gnu/lib-names.h; libnsl and libcrypt are left out, which most systems have from elsewhere or not."""
    glibc = "BrokenLocale.so.1 anl.so.1 c.so.6 dl.so.2 m.so.6 mvec.so.1 pthread.so.0 resolv.so.2 rt.so.1 "
    names = {f"lib{name}" for name in (glibc + "thread_db.so.1 util.so.1").split()} | {"ld-linux-x86-64.so.2"}

    assert names - read_policy(SPECS).system == set()


def test_packages_of_development_files_are_known():
    assert read_policy(SPECS).devel == {"devel"}
