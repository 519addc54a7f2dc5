"""The review of ROCm/TheRock#3608, end to end on real ELF files: each family has its own.

Every library of the sample answers with a number of its family, so that a call tells which file was really loaded.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.environments import Environment, make_environment, run, underscored
from tests.support.loading import answer
from tools.sample.embedded import FAMILIES
from tools.sample.embedded.family import NUMBERS

LIBRARIES = (  # file below lib/, function
    ("librocblas.so.5", "rocblas_number"),
    ("libhipblas.so.3", "hipblas_number"),
    ("librocfft.so.0", "rocfft_number"),
    ("libMIOpen.so.1", "MIOpen_number"),
    ("rocblas/plugins/librocblas-trace.so", "rocblas_trace_number"),
)
ONLY_OTHER = "libhipfft.so.0"
every_family = pytest.mark.parametrize("family", FAMILIES)


def wheel(dist: Path, package: str, family: str) -> Path:
    return next(dist.glob(f"rocm_sdk_{package}_{underscored(family).lower()}-*.whl"))


def members(path: Path) -> set[str]:
    """Return the members below the family's own directories, with the family taken out of their names."""
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2] for name in archive.namelist() if name.startswith("_rocm_sdk_")}


@pytest.fixture(scope="module")
def side_by_side(sample_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Both families in one environment, devel trees made."""
    made = make_environment("uv", tmp_path_factory.mktemp("families"), sample_dist)
    made.install("rocm[" + ",".join(f"libraries-{f},devel-{f}" for f in map(str.lower, FAMILIES)) + "]")
    assert made.run("rocm-sdk", "init", "--quiet").code == 0
    return made


@every_family
@pytest.mark.parametrize(("name", "function"), LIBRARIES)
def test_a_path_that_both_families_have_is_each_ones_own_file(side_by_side, family, name, function):
    library = side_by_side.site / f"_rocm_sdk_libraries_{underscored(family)}/lib/{name}"

    assert answer(library, function) == str(NUMBERS[family])


@every_family
def test_a_library_needs_those_of_its_own_family(side_by_side, family):
    """hipBLAS needs rocBLAS, which needs HIP, OpenBLAS and rocTX; each adds its number."""
    library = side_by_side.site / f"_rocm_sdk_libraries_{underscored(family)}/lib/libhipblas.so.3"
    generic = 14  # HIP with what it needs, 6, counted twice; OpenBLAS and rocTX

    assert answer(library, "hipblas_total") == str(2 * NUMBERS[family] + generic)


def test_no_libraries_wheel_is_empty(sample_dist):
    """GPU code that has the target in its name apart, the wheels of all families hold the same paths."""
    first, second = (members(wheel(sample_dist, "libraries", family)) for family in FAMILIES)

    different = {name for name in first ^ second if "gfx" not in name}
    assert different == set()
    assert len({name for name in first & second if ".so" in name}) > 10


@every_family
def test_devel_of_a_family_links_to_that_familys_libraries(side_by_side, family):
    root = side_by_side.root(ROCM_SDK_TARGET_FAMILY=family)

    assert root.name == f"_rocm_sdk_devel_{underscored(family)}"
    assert answer(root / "lib/librocblas.so", "rocblas_number") == str(NUMBERS[family])
    assert f"FOR {NUMBERS[family]}\n" in (root / "include/rocblas/internal/rocblas-version.h").read_text()


@every_family
def test_a_static_library_of_devel_is_the_familys(side_by_side, family, tmp_path):
    root = side_by_side.root(ROCM_SDK_TARGET_FAMILY=family)
    source = '#include <stdio.h>\nint {0}(void);\nint main(void) {{ printf("%d", {0}()); }}\n'
    (tmp_path / "main.c").write_text(source.format("rocblas_static_number"))

    linked = run("cc", "main.c", f"{root}/lib/librocblas_static.a", "-o", "main", cwd=tmp_path, PATH="/usr/bin:/bin")

    assert linked.code == 0, linked.err
    assert run("./main", cwd=tmp_path).out == str(NUMBERS[family])


def links(root: Path) -> Iterator[tuple[Path, Path]]:
    for path in root.rglob("*"):
        if path.is_symlink():
            yield path, path.resolve()


@every_family
def test_no_link_of_devel_leads_to_the_other_family(side_by_side, family):
    root = side_by_side.root(ROCM_SDK_TARGET_FAMILY=family)
    other = next(underscored(name) for name in FAMILIES if name != family)

    targets = dict(links(root))

    assert [path for path, target in targets.items() if other in str(target.relative_to(side_by_side.site))] == []
    assert [path for path, target in targets.items() if not target.exists()] == []
    assert len(targets) > 50


def test_the_flat_index_lists_devel_of_every_family(sample_dist):
    page = (sample_dist / "index.html").read_text()

    assert [wheel(sample_dist, "devel", family).name in page for family in FAMILIES] == [True, True]
    folders = sorted(path.name for path in sample_dist.iterdir() if path.is_dir())
    assert folders == ["simple", "simple-json", "whl-next"]
    assert list(sample_dist.glob("*/*/*.whl")) == []


@pytest.fixture
def lopsided(doit: Doit, artifacts: Path) -> Doit:
    """Return a build in which one family alone has hipFFT's library, and both have a link for linkers to it."""
    for path in (artifacts / "fft_lib_gfx94X-dcgpu").rglob("libhipfft.so*"):
        path.unlink()
    for family in FAMILIES:
        devel = artifacts / f"fft_dev_{family}/math-libs/hipFFT/stage/lib"
        devel.mkdir(parents=True, exist_ok=True)
        (devel / "libhipfft-link.so").symlink_to(ONLY_OTHER)
    finished = doit("index")
    assert (finished.code, finished.err) == (0, "")
    return doit


def test_a_path_that_only_the_other_family_has_is_not_taken_from_it(lopsided, tmp_path):
    """The review's negative test: no file at all, rather than the wrong one."""
    environment = make_environment("uv", tmp_path / "environment", lopsided.dist)
    environment.install("rocm[" + ",".join(f"libraries-{f},devel-{f}" for f in map(str.lower, FAMILIES)) + "]")
    roots = {family: environment.root(ROCM_SDK_TARGET_FAMILY=family) for family in FAMILIES}

    assert not list(roots["gfx94X-dcgpu"].rglob("libhipfft*"))
    assert answer(roots["gfx120X-all"] / "lib/libhipfft-link.so", "hipfft_number") == "120"


def test_it_says_so_when_there_is_none(lopsided):
    report = json.loads((lopsided.build / "plan/gfx94X-dcgpu/report.json").read_bytes())

    reasons = [reason for _, path, reason in report["left_out"] if path == "lib/libhipfft-link.so"]
    assert reasons == [f"dangling: a link to {ONLY_OTHER}, and nothing is at lib/{ONLY_OTHER}"]
