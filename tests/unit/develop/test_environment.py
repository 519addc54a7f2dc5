"""Environments as venv, virtualenv and uv make them, and directories that are none."""

from __future__ import annotations

import pytest

from tests.support.empty_environment import make_place
from tools.develop.environment import find_environment
from tools.errors import UserError


def refusal(directory) -> str:
    with pytest.raises(UserError) as caught:
        find_environment(directory)
    return str(caught.value)


def test_where_things_are(tmp_path):
    found = make_place(tmp_path / "venv")

    assert (found.version, found.python) == ("3.11.2", tmp_path / "venv/bin/python")
    assert found.site == tmp_path / "venv/lib/python3.11/site-packages"
    assert found.to_scripts == "../../../bin"


@pytest.mark.parametrize("line", ["version = 3.11.2", "version_info = 3.11.2", "version_info = 3.11.2.final.0"])
def test_each_tool_has_its_own_words(line, tmp_path):
    make_place(tmp_path / "venv")
    (tmp_path / "venv/pyvenv.cfg").write_text(f"home = /usr/bin\n{line}\nprompt = x\n")

    assert find_environment(tmp_path / "venv").version == "3.11.2"


def test_a_directory_without_a_configuration(tmp_path):
    assert refusal(tmp_path) == (
        f"venv: {tmp_path} is no virtual environment: it has no pyvenv.cfg; make one with: python3 -m venv {tmp_path}"
    )


def test_a_configuration_without_a_version(tmp_path):
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")

    assert refusal(tmp_path) == (
        f"venv: {tmp_path}/pyvenv.cfg: does not say which Python it is for; make one with: python3 -m venv --clear "
        f"{tmp_path}"
    )


def test_packages_of_another_python(tmp_path):
    make_place(tmp_path)
    (tmp_path / "pyvenv.cfg").write_text("version = 3.12.1\n")

    assert refusal(tmp_path) == (
        f"venv: {tmp_path} is for Python 3.12, and {tmp_path}/lib/python3.12/site-packages is not there; make one "
        f"with: python3 -m venv --clear {tmp_path}"
    )


def test_a_python_that_is_gone(tmp_path):
    make_place(tmp_path)
    (tmp_path / "bin/python").unlink()
    (tmp_path / "bin/python").symlink_to("nowhere")

    assert refusal(tmp_path) == (
        f"venv: {tmp_path}/bin/python: is not there, or leads to a Python that is gone; make one with: python3 -m venv "
        f"--clear {tmp_path}"
    )
