"""``_rocm_sdk_devel``: programs have this path in their sources, and it is a complete root with any set of families."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import ROOT, everything
from tests.support.environments import make_environment
from tests.support.small_rocm import FAMILY

OTHER = "gfx120X-all"
OTHER_ROOT = small_rocm.devel_root(OTHER)
RECORD = "rocm_sdk_devel_{}-10.1.0.dist-info/RECORD"


def rocm_sdk(site: Path, *arguments: str, **variables: str) -> str:
    done = small_rocm.run_python(site, "-m", "rocm_sdk", *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(site: Path, family: str) -> int:
    record = site / RECORD.format(family.lower().replace("-", "_"))
    return record.read_text().splitlines().count("_rocm_sdk_devel,,")


@pytest.fixture
def two(site: Path) -> Path:
    for wheel in (small_rocm.libraries(OTHER), small_rocm.devel(OTHER)):
        wheel.unpack(site)
    return site


def test_the_only_tree_gets_the_link(site: Path) -> None:
    rocm_sdk(site, "init")

    assert (site / "_rocm_sdk_devel").readlink() == Path(ROOT)
    assert (site / "_rocm_sdk_devel/include/hip/hip_runtime.h").is_file()
    assert rows(site, FAMILY) == 1


def test_the_first_of_several_gets_it_and_a_second_run_leaves_it(two: Path) -> None:
    rocm_sdk(two, "init", FAMILY)
    rocm_sdk(two, "init")

    assert (two / "_rocm_sdk_devel").readlink() == Path(ROOT)
    assert (rows(two, FAMILY), rows(two, OTHER)) == (1, 0)


def test_the_default_family_gets_it(two: Path) -> None:
    small_rocm.meta_wheel(small_rocm.build_facts(default_family=FAMILY)).unpack(two)

    rocm_sdk(two, "init")

    assert (two / "_rocm_sdk_devel").readlink() == Path(ROOT)


def test_a_named_family_takes_it_over_with_its_row(two: Path) -> None:
    rocm_sdk(two, "init", FAMILY)

    rocm_sdk(two, "init", OTHER.lower())

    assert (two / "_rocm_sdk_devel").readlink() == Path(OTHER_ROOT)
    assert (rows(two, FAMILY), rows(two, OTHER)) == (0, 1)


def test_the_start_of_a_tool_follows_it_and_never_moves_it(two: Path) -> None:
    rocm_sdk(two, "init", FAMILY)
    code = "from rocm_sdk_core._cli import hipcc; hipcc()"

    assert small_rocm.run_python(two, "-c", code).stdout == f"{two}/{ROOT}/bin/hipcc\n"
    other = small_rocm.run_python(two, "-c", code, ROCM_SDK_TARGET_FAMILY=OTHER).stdout
    assert other == f"{two}/{OTHER_ROOT}/bin/hipcc\n"
    assert (two / "_rocm_sdk_devel").readlink() == Path(ROOT)
    assert rocm_sdk(two, "path", "--root") == f"{two}/{ROOT}\n"


def test_a_family_that_is_not_installed_is_answered_with_those_that_are(two: Path) -> None:
    done = small_rocm.run_python(two, "-m", "rocm_sdk", "init", "gfx90X")

    assert done.stderr.startswith(
        "rocm-sdk: error: devel is not installed for gfx90X; it is for gfx120X-all, gfx94X-dcgpu; install it with: "
    )


def test_a_link_that_leads_nowhere_is_made_anew(two: Path) -> None:
    rocm_sdk(two, "init", FAMILY)
    shutil.rmtree(two / ROOT)

    rocm_sdk(two, "init")

    assert (two / "_rocm_sdk_devel").readlink() == Path(OTHER_ROOT)


def test_a_directory_in_its_place_stays_and_the_remedy_makes_the_link(site: Path) -> None:
    (site / "_rocm_sdk_devel/bin").mkdir(parents=True)

    rocm_sdk(site, "init")
    done = small_rocm.run_python(site, "-m", "rocm_sdk", "doctor", "--json")

    [problem] = json.loads(done.stdout)["problems"]
    sentence, _, command = problem.partition("make the link: ")
    assert sentence == (
        f"{site}/_rocm_sdk_devel: is no link of rocm-sdk, though programs look for the devel tree there; move it away "
        "and "
    )
    assert small_rocm.run_shell(site, command).returncode == 0
    assert (site / "_rocm_sdk_devel").readlink() == Path(ROOT)
    assert (site / "_rocm_sdk_devel.old/bin").is_dir()
    assert json.loads(small_rocm.run_python(site, "-m", "rocm_sdk", "doctor", "--json").stdout)["problems"] == []


def test_a_read_only_tree_that_is_complete_stays_usable(site: Path) -> None:
    rocm_sdk(site, "init")
    (site / "_rocm_sdk_devel").unlink()

    assert rocm_sdk(site, "init") == f"{site}/{ROOT}: 10 links, 0 made, 0 removed\n"
    assert (site / "_rocm_sdk_devel").is_symlink()


@pytest.mark.parametrize("installer", ["pip", "uv"])
@pytest.mark.parametrize("first", [FAMILY, OTHER])
def test_uninstalling_in_any_order_leaves_nothing(installer: str, first: str, tmp_path: Path, dist: Path) -> None:
    venv = make_environment(installer, tmp_path, dist)
    before = everything(venv.site)
    second = OTHER if first == FAMILY else FAMILY
    venv.install(*(f"rocm[libraries-{family},devel-{family}]==10.1.0" for family in (first, second)))
    venv.run("rocm-sdk", "init", first)

    venv.uninstall(f"rocm-sdk-devel-{first}")
    assert not (venv.site / "_rocm_sdk_devel").is_symlink()
    venv.run("rocm-sdk", "init")
    assert (venv.site / "_rocm_sdk_devel").readlink() == Path(small_rocm.devel_root(second))
    libraries = [f"rocm-sdk-libraries-{family}" for family in (first, second)]
    venv.uninstall(f"rocm-sdk-devel-{second}", *libraries, "rocm", "rocm-sdk-core")

    assert everything(venv.site) == before
