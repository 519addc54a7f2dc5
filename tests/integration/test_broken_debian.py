"""``rocm-sdk test`` on Debian's wheels: all is well, and what was made broken is named."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.debian import FAMILIES
from tests.support.doit_process import Doit
from tests.support.environments import PLAIN_PATH, Done, Environment, both, make_environment, run

pytestmark = pytest.mark.slow  # builds and installs a gigabyte

FAMILY, OTHER = FAMILIES
HIP = "_rocm_sdk_core/lib/libamdhip64.so.5"
LIBRARIES = f"_rocm_sdk_libraries_{FAMILY.replace('-', '_')}"
ROOT = f"_rocm_sdk_devel_{FAMILY.replace('-', '_')}"

Break = Callable[[Environment], dict[str, str] | None]  # the variables that mislead, if that is what breaks it


@pytest.fixture
def environment(debian_build: Doit, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    made = make_environment("uv", tmp_path / "environment", debian_build.dist)
    made.install(both(FAMILY))
    assert made.run("rocm-sdk", "init").code == 0
    yield made
    shutil.rmtree(tmp_path / "environment")


def own(environment: Environment, path: str) -> Path:
    """Return a file that is in nobody's cache."""
    file = environment.site / path
    content, mode = file.read_bytes(), file.stat().st_mode
    file.unlink()
    file.write_bytes(content)
    file.chmod(mode)
    return file


def results(done: Done) -> dict[str, tuple[str, str]]:
    return {result["name"]: (result["state"], result["detail"]) for result in json.loads(done.out)}


def failures(done: Done) -> str:
    return "\n".join(detail for state, detail in results(done).values() if state == "failed")


def test_a_healthy_installation_is_all_right(environment):
    found = results(environment.run("rocm-sdk", "test", "--json"))

    assert {name for name, (state, _) in found.items() if state == "failed"} == set()
    assert found["compiler"][0] == "ok"
    assert found["compiler"][1].startswith("hipcc compiles and links for gfx")
    assert found["gpu"] == ("skipped", "no GPU")


def truncate(environment: Environment) -> None:
    with own(environment, HIP).open("r+b") as file:
        file.truncate(100_000)


def another_version(environment: Environment) -> None:
    facts = own(environment, f"{LIBRARIES}/{LIBRARIES[1:]}.package.json")
    facts.write_text(facts.read_text().replace('"version":"5.2.3"', '"version":"5.2.4"'))


def copy_of_a_link(environment: Environment) -> None:
    link = environment.site / ROOT / "lib/libamdhip64.so.5"
    link.unlink()
    shutil.copy(environment.site / HIP, link)


def foreign_library(environment: Environment) -> dict[str, str]:
    foreign = environment.directory / "foreign"
    foreign.mkdir()
    (foreign / "libamdhip64.so.5").write_bytes(b"another build")
    return {"LD_LIBRARY_PATH": str(foreign)}


BREAKS: dict[str, tuple[Break, str]] = {
    "a library gone": (lambda e: (e.site / HIP).unlink(), f"{HIP}: no such file or directory"),
    "a library truncated": (truncate, f"{HIP}: has another size than when it was installed"),
    "a library of another version": (another_version, "mixes versions of ROCm: rocm-sdk-core 5.2.3, "),
    "a tool not executable": (
        lambda e: own(e, "_rocm_sdk_core/bin/rocminfo").chmod(0o644),
        "bin/rocminfo is not there or not executable",
    ),
    "a header gone": (
        lambda e: (e.site / "_rocm_sdk_core/include/hip/hip_runtime.h").unlink(),
        "include/hip/hip_runtime.h: no such file or directory",
    ),
    "two families": (
        lambda e: e.install(both(OTHER)) and None,
        "rocm-sdk-libraries is installed for 2 families (gfx120X-all, gfx94X-dcgpu), and no AMD GPU was found",
    ),
    "a link replaced by a copy": (copy_of_a_link, "lib/libamdhip64.so.5: a copy in the place of a link"),
    "a variable that misleads": (lambda _: {"ROCM_PATH": "/opt/rocm"}, "ROCM_PATH is /opt/rocm, which hipcc and clang"),
    "a foreign library first": (foreign_library, "foreign has libamdhip64.so.5; run: unset LD_LIBRARY_PATH"),
    "a library that a tool needs gone": (
        lambda e: (e.site / "_rocm_sdk_core/lib/libhsa-runtime64.so.1").unlink(),
        "does not find libhsa-runtime64.so.1",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_was_broken_is_named(environment, name):
    spoil, sentence = BREAKS[name]

    variables = spoil(environment) or {}

    assert sentence in failures(environment.run("rocm-sdk", "test", "--json", **variables))


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="only root may become another user")
def test_what_a_user_has_no_rights_to_is_named(environment, tmp_path_factory):
    closed = environment.site / "_rocm_sdk_core"
    closed.chmod(0o700)
    for parent in environment.directory.parents:
        if parent.is_relative_to(tmp_path_factory.getbasetemp().parent):  # pytest closes that one to others
            parent.chmod(0o755)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    done = run(*nobody, environment.bin / "rocm-sdk", "test", "--json", cwd=environment.directory, PATH=PLAIN_PATH)

    assert f"chmod -R a+rX {closed}" in failures(done)
