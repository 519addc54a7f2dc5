"""What the rocm sdist offers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rules.analysis.products import find_products
from rules.loading.artifact_names import ArtifactName
from tests.support.small_specs import small_specs
from tools.plan.meta import MetaRequest, facts, meta_plan
from tools.plan.wheel import requirements

LIBRARIES, DEVEL = "rocm-sdk-libraries", "rocm-sdk-devel"


def request(*names: str, layout: str = "per-family", default_family: str | None = None) -> MetaRequest:
    specs = small_specs(layout)
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


def test_a_carried_package_is_pinned_at_its_own_version():
    asked = request("rocprofiler-systems_lib_generic")
    extras = (("tools", ("bootstrap", "profiler")),)
    packages = tuple(
        replace(spec, requires=("core", "bootstrap"), extras=extras) if spec.rule == "sdist" else spec
        for spec in asked.specs.packages
    )
    asked = replace(asked, specs=replace(asked.specs, packages=packages))

    found = facts(asked)

    assert found["requires"] == ["rocm-bootstrap==0.3.0", "rocm-sdk-core==10.1.0"]
    assert found["extras"] == {"tools": ["rocm-bootstrap==0.3.0", "rocm-profiler==10.1.0"]}


def test_a_wheel_that_requires_a_carried_package_pins_it_at_its_own_version():
    asked = request("rocprofiler-systems_lib_generic")
    profiler = next(product for product in asked.products if product.package == "profiler")
    spec = replace(asked.specs.package("profiler"), requires=("core", "bootstrap"))

    assert requirements(profiler, spec, asked.products) == ("rocm-bootstrap==0.3.0", "rocm-sdk-core==10.1.0")


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


def test_families_of_both_platforms_are_offered_wherever_they_are_built():
    offered = (("gfx120X-all", ("linux", "win32")), ("gfx1151", ("win32",)), ("gfx94X-dcgpu", ("linux",)))
    here, there = request("blas_lib_gfx94X-dcgpu"), request("blas_lib_gfx120X-all", "blas_lib_gfx1151")

    extras = facts(replace(here, offered=offered))["extras"]

    linux, windows = '; sys_platform == "linux"', '; sys_platform == "win32"'
    assert extras == facts(replace(there, offered=offered))["extras"]
    assert extras == {
        "devel-gfx1151": [f"rocm-sdk-devel==10.1.0{windows}", f"rocm-sdk-devel-gfx1151==10.1.0{windows}"],
        "devel-gfx120x-all": ["rocm-sdk-devel==10.1.0", "rocm-sdk-devel-gfx120X-all==10.1.0"],
        "devel-gfx94x-dcgpu": [f"rocm-sdk-devel==10.1.0{linux}", f"rocm-sdk-devel-gfx94X-dcgpu==10.1.0{linux}"],
        "libraries-gfx1151": [f"rocm-sdk-libraries-gfx1151==10.1.0{windows}"],
        "libraries-gfx120x-all": ["rocm-sdk-libraries-gfx120X-all==10.1.0"],
        "libraries-gfx94x-dcgpu": [f"rocm-sdk-libraries-gfx94X-dcgpu==10.1.0{linux}"],
        "profiler": [f"rocm-profiler==10.1.0{linux}"],
    }


def test_targets_of_another_platform_are_offered():
    asked = request("blas_lib_generic", "blas_lib_gfx942", layout="kpack-split")

    extras = facts(replace(asked, offered=(("gfx1200", ("win32",)), ("gfx942", ("linux",)))))["extras"]

    one = 'rocm-sdk-device-gfx1200==10.1.0; sys_platform == "win32"'
    other = 'rocm-sdk-device-gfx942==10.1.0; sys_platform == "linux"'
    assert isinstance(extras, dict)
    assert (extras["device-gfx1200"], extras["device-gfx942"], extras["device-all"]) == ([one], [other], [one, other])
