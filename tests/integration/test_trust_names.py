"""File names that are hard to carry: through catalog, plan, wheel, RECORD, index and link table into site-packages."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.doit_process import tree_of

BIN = Path(sys.executable).parent
HOSTILE = (
    "a,b.h",
    'quote"quote.h',
    "'single'.h",
    "<script>alert(1)</script>.h",
    "100%+&=;#?.h",
    "with space .h",
    " leading.h",
    "$(reboot)`x`.h",
    "-rf.h",
    "{jinja}{{ 7*7 }}{% raw %}.h",
    "ünïcödé-日本.h",
    "e\u0301 decomposed.h",
    "..hidden.h",
    ".dot",
    "x" * 253 + ".h",
    "gfx950:xnack+.kpack",
    "~tilde",
    "[glob]*?.h",
)
REFUSED = {
    "newline": b"a\nb.h",
    "tab": b"a\tb.h",
    "backslash": b"a\\b.h",
    "bytes that are not UTF-8": b"caf\xe9.h",
    "delete": b"a\x7fb.h",
    "line separator": "a\u2028b.h".encode(),
}
DEV = "core-hip_dev_generic/core/clr/stage"


@pytest.fixture
def crowded(doit, artifacts):
    """Return doit on artifacts with a directory of hostile names in core, and one in devel only."""
    for base in (DEV, "base_dev_generic/base/half/stage"):
        for name in HOSTILE:
            file = artifacts / base / "include" / "hostile" / Path(base).parts[0] / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"// {name}\n", encoding="utf-8")
    return replace(doit, settings={**doit.settings, "strict": "no"})


def run(*command: str | Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**environment, "LC_ALL": "C.UTF-8"}
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_names_arrive_as_they_are(crowded, installer, tmp_path):
    built = crowded("verify")
    assert (built.code, built.err) == (0, "")

    wheels = [path for path in crowded.dist.glob("rocm_sdk_*.whl") if "_gfx" not in path.name]
    target = tmp_path / "site"
    quiet = ["--quiet", "--no-deps", "--no-index", "--target", target]
    if installer == "pip":
        run(sys.executable, "-m", "pip", "install", *quiet, *wheels)
    else:
        run(BIN / "uv", "pip", "install", "--cache-dir", tmp_path / "cache", *quiet, *wheels)

    found = tree_of(target)
    paths = {name: f"_rocm_sdk_core/include/hostile/core-hip_dev_generic/{name}" for name in HOSTILE}
    assert {name: found[path].decode() for name, path in paths.items()} == {name: f"// {name}\n" for name in HOSTILE}
    asked = [path for path in paths.values() if "=" not in path]  # on doit's command line that is a setting
    assert set(asked) <= {*crowded("explain", *asked).lines}


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_names_that_no_wheel_can_hold_are_refused_before_anything_is_built(doit, artifacts, name):
    directory = artifacts / DEV / "include" / "hostile"
    directory.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(directory) + b"/" + name)).write_text("x")

    done = doit("build:generic:core")

    assert done.code == 1
    assert "failed  catalog:core-hip_dev_generic: " in done.err
    assert "hostile" in done.err
    assert "Traceback" not in done.err
    assert not list(doit.build.rglob("*.whl"))


@pytest.mark.parametrize(
    "name", ["x_lib_gfx1');import os#", "x_lib_<script>", "x_lib_..", "x_lib_gfx942\n", "x_lib_é", "-rf_lib_generic"]
)
def test_a_directory_that_is_no_artifact_is_refused(doit, artifacts, name):
    (artifacts / name).mkdir()

    done = doit("list")

    assert done.code == 3
    assert done.err == (
        f"ERROR: {artifacts}: not named like an artifact, NAME_COMPONENT_FAMILY (such as blas_lib_gfx94X-dcgpu; "
        f"components: lib, run, dev, doc, dbg, test): {name!r}\n"
    )
