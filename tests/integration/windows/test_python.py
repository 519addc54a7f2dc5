"""The Windows Python of these tests is one."""

from __future__ import annotations

from tests.support.windows.wine import Environment


def test_it_is_python_for_windows(python: Environment) -> None:
    done = python.python("-c", "import sys, os, ctypes; print(sys.platform, os.name, sys.version_info[:2])")

    assert (done.stdout, done.returncode) == ("win32 nt (3, 11)\n", 0), done.stderr


def test_exit_codes_come_back(python: Environment) -> None:
    assert python.python("-c", "raise SystemExit(3)").returncode == 3


def test_pip_is_there(python: Environment) -> None:
    assert python.pip("list").stdout.split()[-2:] == ["pip", "25.3"]
