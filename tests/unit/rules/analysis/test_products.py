"""Which wheels a set of artifact names gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.analysis.products import Products, find_products
from rules.loading.artifact_names import ArtifactName
from tests.support.small_specs import small_specs
from tools.errors import UserError

SPLIT = ("blas_lib_generic", "blas_lib_gfx942", "blas_lib_gfx1201")
RAND = ("rand_lib_generic", "rand_lib_gfx1201")


def products(*names: str, layout: str = "per-family", families: tuple[str, ...] = (), strict: bool = True) -> Products:
    return find_products(
        small_specs(layout),
        [ArtifactName.parse(name) for name in ("base_lib_generic", *names)],
        version="10.1.0",
        platform_tag="linux_x86_64",
        families=families,
        strict=strict,
    )


def test_every_family_gets_wheels_of_its_own():
    found = products("blas_lib_gfx94X-dcgpu", "blas_lib_gfx120X-all")

    assert [product.filename for product in found.products] == [
        "rocm_sdk_core-10.1.0-py3-none-linux_x86_64.whl",
        "rocm_sdk_devel-10.1.0-py3-none-linux_x86_64.whl",
        "rocm_bootstrap-0.3.0-py3-none-any.whl",
        "rocm-10.1.0.tar.gz",
        "rocm_sdk_libraries_gfx120x_all-10.1.0-py3-none-linux_x86_64.whl",
        "rocm_sdk_devel_gfx120x_all-10.1.0-py3-none-linux_x86_64.whl",
        "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0-py3-none-linux_x86_64.whl",
        "rocm_sdk_devel_gfx94x_dcgpu-10.1.0-py3-none-linux_x86_64.whl",
    ]


def test_platform_packages_keep_the_case_of_the_family():
    product = products("blas_lib_gfx94X-dcgpu").find("libraries", "gfx94X-dcgpu")

    assert product is not None
    assert product.platform_package == "_rocm_sdk_libraries_gfx94X_dcgpu"


def test_a_family_with_generic_artifacts_only_has_no_libraries_wheel():
    assert products("hipdnn_lib_generic").families == ()


def test_variants_of_a_target_are_one_device_wheel():
    found = products("blas_lib_generic", "blas_lib_gfx950", "blas_lib_gfx950:xnack+", layout="kpack-split")

    device = found.find("device", "gfx950")
    assert device is not None
    assert device.artifacts == ("blas_lib_gfx950", "blas_lib_gfx950:xnack+")


def test_a_device_wheel_writes_into_the_libraries_package():
    device = products("blas_lib_generic", "blas_lib_gfx942", layout="kpack-split").find("device", "gfx942")

    assert device is not None
    assert (device.distribution, device.platform_package) == ("rocm-sdk-device-gfx942", "_rocm_sdk_libraries")


def test_a_family_names_its_targets_where_wheels_are_per_target():
    found = products(*SPLIT, layout="kpack-split", families=("gfx94X-dcgpu",))

    assert (found.families, found.expected) == (("gfx942",), {"gfx942": ()})


@pytest.mark.parametrize(
    ("families", "message"),
    [
        pytest.param(
            ("gfx942",),
            "families: gfx942 has no device files of rand, which gfx1201 has; add the artifacts, or build what is "
            "there with strict=no",
            id="target",
        ),
        pytest.param(
            ("gfx94X-dcgpu",),
            "families: gfx942 has no device files of rand, which gfx1201 has; add the artifacts, or build what is "
            "there with strict=no",
            id="family",
        ),
        pytest.param(
            ("gfx120X-all", "gfx942"),
            "families: gfx1200 has no device files of blas, rand, which gfx1201, gfx942 have; gfx942 has no device "
            "files of rand, which gfx1201 has; add the artifacts, or build what is there with strict=no",
            id="a member without any artifact",
        ),
    ],
)
def test_a_named_target_that_lacks_what_another_has_is_refused(families, message):
    with pytest.raises(UserError) as caught:
        products(*SPLIT, *RAND, layout="kpack-split", families=families)

    assert str(caught.value) == message


def test_what_a_target_lacks_is_a_note_where_nobody_named_it():
    assert products(*SPLIT, *RAND, layout="kpack-split").notes[-1] == (
        "gfx942 has no device files of rand, which gfx1201 has"
    )


def test_what_a_family_lacks_is_a_note():
    names = ("blas_lib_gfx94X-dcgpu", "blas_lib_gfx120X-all", "fft_lib_gfx120X-all", "fft_dev_gfx94X-dcgpu")

    assert products(*names).notes[-1] == "gfx94X-dcgpu has no device files of fft, which gfx120X-all has"
    assert (
        products(*names, families=("gfx94X-dcgpu",)).notes
        == products("blas_lib_gfx94X-dcgpu", "fft_dev_gfx94X-dcgpu").notes
    )


def test_what_is_built_for_no_target_of_a_family_is_not_missed():
    specs = small_specs("per-family")
    targets = tuple(replace(t, without=("fft",)) if "gfx94X-dcgpu" in t.families else t for t in specs.targets)
    names = ("base_lib_generic", "blas_lib_gfx94X-dcgpu", "blas_lib_gfx120X-all", "fft_lib_gfx120X-all")

    found = find_products(
        replace(specs, targets=targets),
        [ArtifactName.parse(name) for name in names],
        version="10.1.0",
        platform_tag="linux_x86_64",
    )

    assert not [note for note in found.notes if "device files" in note]


def test_what_a_named_target_lacks_is_a_note_unless_strict():
    found = products(*SPLIT, *RAND, layout="kpack-split", families=("gfx120X-all", "gfx942"), strict=False)

    assert found.families == ("gfx1201", "gfx942")
    assert found.notes[-2:] == (
        "gfx1200 has no device files of blas, rand, which gfx1201, gfx942 have",
        "gfx942 has no device files of rand, which gfx1201 has",
    )


def test_an_artifact_that_is_not_built_for_a_target_is_not_missed():
    specs = small_specs("kpack-split")
    targets = tuple(replace(t, without=("rand",)) if t.name == "gfx942" else t for t in specs.targets)
    names = [ArtifactName.parse(name) for name in ("base_lib_generic", *SPLIT, *RAND)]

    found = find_products(
        replace(specs, targets=targets),
        names,
        version="1",
        platform_tag="linux_x86_64",
        families=("gfx942",),
    )

    assert found.families == ("gfx942",)


@pytest.mark.parametrize(
    ("names", "layout", "families", "message"),
    [
        pytest.param(
            ["blas_lib_gfx94X-dcgpu"],
            "per-family",
            ("gfx94x-dcgpu",),
            "families: 'gfx94x-dcgpu' has no artifacts; did you mean 'gfx94X-dcgpu'?",
            id="typo",
        ),
        pytest.param(
            ["blas_lib_gfx94X-dcgpu"],
            "per-family",
            ("foo",),
            "families: 'foo' has no artifacts; there are artifacts of gfx94X-dcgpu",
            id="unknown",
        ),
        pytest.param(
            [], "per-family", ("foo",), "families: 'foo' has no artifacts; there are artifacts of no family", id="none"
        ),
        pytest.param(
            ["blas_lib_gfx942:xnack+"],
            "per-family",
            (),
            "artifacts of gfx942:xnack+: a feature variant has no wheel of its own in the per-family layout; use "
            "layout=kpack-split, or leave them out",
            id="variant",
        ),
        pytest.param(
            ["blas_lib_gfx94X-dcgpu"],
            "kpack-split",
            (),
            "artifacts of gfx94X-dcgpu: the kpack-split layout has one device wheel a GFX target, and these are "
            "families of several; use layout=per-family",
            id="family",
        ),
        pytest.param(
            ["blas_lib_gfx942", "rand_lib_generic", "rand_lib_gfx942"],
            "kpack-split",
            (),
            "artifacts of one target without their neutral ones: blas_lib_gfx942; the kpack-split layout takes host "
            "code from NAME_COMPONENT_generic; add these, or use layout=per-family for libraries with their device "
            "code inside",
            id="no host code",
        ),
    ],
)
def test_families_that_make_no_sense_are_refused(names, layout, families, message):
    with pytest.raises(UserError) as caught:
        products(*names, layout=layout, families=families)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("names", "layout", "kept", "note"),
    [
        pytest.param(
            ["blas_lib_gfx942", "rand_lib_generic", "rand_lib_gfx942"],
            "kpack-split",
            ["base_lib_generic", "rand_lib_generic", "rand_lib_gfx942"],
            "left out, artifacts of one target without their neutral ones: blas_lib_gfx942; the kpack-split layout "
            "takes host code from NAME_COMPONENT_generic; add these, or use layout=per-family for libraries with their "
            "device code inside",
            id="no host code",
        ),
        pytest.param(
            ["blas_lib_gfx94X-dcgpu", "rand_lib_gfx942:xnack+"],
            "per-family",
            ["base_lib_generic", "blas_lib_gfx94X-dcgpu"],
            "left out, artifacts of gfx942:xnack+: a feature variant has no wheel of its own in the per-family layout; "
            "use layout=kpack-split, or leave them out",
            id="variant",
        ),
        pytest.param(
            ["blas_lib_gfx94X-dcgpu", "rand_lib_gfx94X-dgpu"],
            "per-family",
            ["base_lib_generic", "blas_lib_gfx94X-dcgpu"],
            "left out, artifacts of gfx94X-dgpu: no such family or target in targets.toml; did you mean "
            "'gfx94X-dcgpu'?",
            id="unknown family",
        ),
        pytest.param(
            ["blas_lib_generic", "blas_lib_gfx942", "rand_lib_gfx94X-dcgpu"],
            "kpack-split",
            ["base_lib_generic", "blas_lib_generic", "blas_lib_gfx942"],
            "left out, artifacts of gfx94X-dcgpu: the kpack-split layout has one device wheel a GFX target, and these "
            "are families of several; use layout=per-family",
            id="family",
        ),
    ],
)
def test_what_does_not_fit_the_layout_is_left_out_with_a_note_unless_strict(names, layout, kept, note):
    found = products(*names, layout=layout, strict=False)

    assert [str(artifact) for artifact in found.artifacts] == kept
    assert found.notes[0] == note
    assert [reason for _, reason in found.ignored] == [note.removeprefix("left out, ")]


def test_all_reasons_why_artifacts_do_not_fit_are_told_at_once():
    with pytest.raises(UserError) as caught:
        products(
            "blas_lib_gfx942", "blas_lib_gfx94X-dcgpu", "rand_lib_generic", "rand_lib_gfx9999", layout="kpack-split"
        )

    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "artifacts of gfx94X-dcgpu",
        "artifacts of one target without their neutral ones",
        "artifacts of gfx9999",
    ]


def test_a_family_that_targets_toml_does_not_know_is_refused():
    with pytest.raises(UserError) as caught:
        products("blas_lib_gfx94X-dgpu")

    assert str(caught.value) == (
        "artifacts of gfx94X-dgpu: no such family or target in targets.toml; did you mean 'gfx94X-dcgpu'?"
    )


def test_artifacts_that_nobody_names_are_reported():
    assert products("newlib_lib_generic", "fmt_lib_generic").unclaimed == ("newlib_lib_generic",)


def test_ignored_artifacts_come_with_their_reason():
    assert products("fmt_lib_generic").ignored == (("fmt_lib_generic", "a build dependency, linked statically"),)


def test_a_component_that_the_layout_leaves_out_is_ignored():
    assert products("blas_test_generic", layout="kpack-split").ignored == (
        ("blas_test_generic", "devel leaves out test components in the kpack-split layout"),
    )
