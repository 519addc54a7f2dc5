"""Names there and back."""

from __future__ import annotations

import ast

import pytest

from rules.loading.specs import load_specs
from tests.support.places import ROOT
from tools.naming import (
    dist_info_of,
    extra_name,
    names_of,
    newest,
    read_name,
    read_wheel_name,
    told_names,
)

SPECS = load_specs(ROOT / "packaging_specs", "kpack-split")


@pytest.mark.parametrize(
    ("package", "scope", "names"),
    [
        (
            "core",
            "generic",
            (
                "rocm-sdk-core",
                "10.1.0",
                "rocm_sdk_core",
                "_rocm_sdk_core",
                "rocm_sdk_core-10.1.0.dist-info",
                "rocm_sdk_core-10.1.0-py3-none-linux_x86_64.whl",
            ),
        ),
        (
            "libraries",
            "gfx94X-dcgpu",
            (
                "rocm-sdk-libraries-gfx94X-dcgpu",
                "10.1.0",
                "rocm_sdk_libraries_gfx94X_dcgpu",
                "_rocm_sdk_libraries_gfx94X_dcgpu",
                "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0.dist-info",
                "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0-py3-none-linux_x86_64.whl",
            ),
        ),
        (
            "device",
            "gfx942",
            (
                "rocm-sdk-device-gfx942",
                "10.1.0",
                "rocm_sdk_device_gfx942",
                "_rocm_sdk_libraries",
                "rocm_sdk_device_gfx942-10.1.0.dist-info",
                "rocm_sdk_device_gfx942-10.1.0-py3-none-linux_x86_64.whl",
            ),
        ),
        (
            "meta",
            "generic",
            ("rocm", "10.1.0", "rocm", "_rocm", "rocm-10.1.0.dist-info", "rocm-10.1.0.tar.gz"),
        ),
        (
            "bootstrap",
            "generic",
            (
                "rocm-bootstrap",
                "0.3.0",
                "rocm_bootstrap",
                "_rocm_bootstrap",
                "rocm_bootstrap-0.3.0.dist-info",
                "rocm_bootstrap-0.3.0-py3-none-any.whl",
            ),
        ),
    ],
)
def test_the_names_of_a_package(package, scope, names):
    spec = SPECS.package(package)

    assert names_of(spec, scope, SPECS, version="10.1.0", platform_tag="linux_x86_64") == names


@pytest.mark.parametrize("package", [package.name for package in SPECS.packages])
def test_a_file_name_is_read_back(package):
    names = names_of(SPECS.package(package), "generic", SPECS, version="10.1.0+git.abc", platform_tag="linux_x86_64")
    found = read_name(names.filename)

    assert found is not None
    assert (found.project, str(found.version)) == (names.distribution, names.version)
    assert names.filename.endswith(".tar.gz") or dist_info_of(names.filename) == names.dist_info


def test_the_platforms_of_a_wheel_are_sorted():
    tags = "manylinux_2_28_x86_64.linux_x86_64"

    assert read_wheel_name(f"a-1-py3-none-{tags}.whl").platforms == ("linux_x86_64", "manylinux_2_28_x86_64")


@pytest.mark.parametrize("name", ["", "a.whl", "a-1.whl", "x/a-1.tar.gz", "a.tar.gz", "SHA256SUMS"])
def test_other_names_say_nothing(name):
    assert read_name(name) is None


def test_an_extra_of_a_family_is_in_normal_form():
    assert extra_name("libraries", "generic") == "libraries"
    assert extra_name("libraries", "gfx94X-dcgpu") == "libraries-gfx94x-dcgpu"


def test_nobody_else_takes_names_apart():
    knowing = []
    for folder in ("rules", "tools"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            knowing += [str(file.relative_to(ROOT))] if "packaging.utils" in modules else []

    assert knowing == ["tools/naming.py"]


def test_the_newest_is_kept_for_each_platform():
    names = ["a-9-py3-none-any.whl", "a-10-py3-none-any.whl", "a-9-py3-none-win_amd64.whl", "a-1.tar.gz", "notes.txt"]

    assert newest(names) == ["a-1.tar.gz", "a-10-py3-none-any.whl", "a-9-py3-none-win_amd64.whl"]


def test_what_is_alone_of_its_project_is_told_by_that_whatever_its_platform():
    old, new = "a_b-1-py3-none-linux_x86_64.whl", "a_b-2-py3-none-manylinux_2_28_x86_64.whl"

    assert told_names([old], [new]) == {old: "a-b", new: "a-b"}


def test_several_of_one_project_are_told_by_platform_in_every_dist():
    linux, windows, newer = (
        f"a-{rest}.whl" for rest in ("1-py3-none-linux_x86_64", "1-py3-none-win_amd64", "2-py3-none-linux_x86_64")
    )

    assert told_names([linux, windows, "a-1.tar.gz"], [newer]) == {
        linux: "a (linux_x86_64)",
        windows: "a (win_amd64)",
        "a-1.tar.gz": "a (sdist)",
        newer: "a (linux_x86_64)",
    }


def test_several_for_one_platform_are_told_by_the_whole_tag():
    names = ["a-1-cp311-cp311-any.whl", "a-1-cp312-cp312-any.whl", "a-1-cp312-cp312-win32.whl"]

    assert list(told_names(names).values()) == ["a (cp311-cp311-any)", "a (cp312-cp312-any)", "a (win32)"]
