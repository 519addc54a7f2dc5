"""The command of an extra installs what its lock lists."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tools.extra import command_for

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("extra", ["dask", "report"])
def test_the_lock_that_a_command_names_has_what_the_extra_needs(extra):
    lock = Path(shlex.split(command_for(extra))[-1])

    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][extra]
    assert lock.parent == ROOT
    for need in needs:
        assert re.search(rf"^{re.escape(need)} \\$", lock.read_text(), re.MULTILINE)
