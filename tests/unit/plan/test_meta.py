"""What the rocm sdist offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.artifacts import ArtifactName
from rules.products import find_products
from rules.spec import load_specs
from tools.plan.meta import MetaRequest, facts, meta_plan

SPECS = Path(__file__).parents[3] / "packaging_specs"
LIBRARIES, DEVEL = "rocm-sdk-libraries", "rocm-sdk-devel"


def request(*names: str, layout: str = "per-family", default_family: str | None = None) -> MetaRequest:
    specs = load_specs(SPECS, layout)
    artifacts = [ArtifactName.parse(name) for name in ("base_lib_generic", *names)]
    found = find_products(specs, artifacts, version="10.1.0", platform_tag="linux_x86_64")
    product = found.find("meta", "generic")
    assert product is not None
    return MetaRequest(
        product=product,
        specs=specs,
        products=found.products,
        default_family=default_family,
        runtime=Path(),
        description=Path(),
        plan=Path(),
    )


def test_each_family_has_explicit_extras_in_normal_form():
    extras = facts(request("blas_lib_gfx94X-dcgpu", "blas_lib_gfx120X-all"))["extras"]

    assert extras == {
        "devel-gfx120x-all": ["rocm-sdk-devel==10.1.0", "rocm-sdk-devel-gfx120X-all==10.1.0"],
        "devel-gfx94x-dcgpu": ["rocm-sdk-devel==10.1.0", "rocm-sdk-devel-gfx94X-dcgpu==10.1.0"],
        "libraries-gfx120x-all": ["rocm-sdk-libraries-gfx120X-all==10.1.0"],
        "libraries-gfx94x-dcgpu": ["rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"],
    }


def test_extras_without_a_family_are_to_be_chosen():
    chosen = facts(request("blas_lib_gfx94X-dcgpu", "blas_lib_gfx120X-all"))["chosen_extras"]

    assert isinstance(chosen, dict)
    assert {name: sorted(rows) for name, rows in chosen.items()} == {
        "devel": ["gfx120X-all", "gfx94X-dcgpu"],
        "libraries": ["gfx120X-all", "gfx94X-dcgpu"],
    }


def test_the_profiler_is_offered_where_it_is_built():
    extras = facts(request("rocprofiler-systems_lib_generic"))["extras"]

    assert extras == {"profiler": ["rocm-profiler==10.1.0"]}


def test_device_extras_name_targets_families_and_all():
    found = facts(request("blas_lib_generic", "blas_lib_gfx1200", "blas_lib_gfx1201", layout="kpack-split"))["extras"]

    one, other = "rocm-sdk-device-gfx1200==10.1.0", "rocm-sdk-device-gfx1201==10.1.0"
    assert found == {
        "devel": ["rocm-sdk-devel==10.1.0"],
        "device-all": [one, other],
        "device-dgpu-all": [one, other],
        "device-gfx1200": [one],
        "device-gfx1201": [other],
        "device-gfx120x-all": [one, other],
        "libraries": ["rocm-sdk-libraries==10.1.0"],
    }


def test_a_target_of_one_platform_carries_a_marker():
    found = facts(request("blas_lib_generic", "blas_lib_gfx942", layout="kpack-split"))["extras"]

    assert isinstance(found, dict)
    assert found["device-gfx942"] == ['rocm-sdk-device-gfx942==10.1.0; sys_platform == "linux"']


@pytest.mark.parametrize(("layout", "per"), [("per-family", "family"), ("kpack-split", "generic")])
def test_packages_say_how_they_are_cut(layout, per):
    packages = facts(request("blas_lib_gfx942", "blas_lib_generic", layout=layout))["packages"]

    assert isinstance(packages, dict)
    assert packages["libraries"]["per"] == per


def test_the_sdist_holds_its_runtime_and_the_facts():
    plan = meta_plan(
        request(),
        {"rocm/pyproject.toml": "a", "rocm/rocm_sdk/__init__.py": "b", "rocm_sdk_core/x.py": "c"},
        "{{ extras }}",
    )

    assert [member.path for member in plan.members] == [
        "PKG-INFO",
        "pyproject.toml",
        "rocm_sdk/__init__.py",
        "rocm_sdk/_build_facts.py",
    ]
