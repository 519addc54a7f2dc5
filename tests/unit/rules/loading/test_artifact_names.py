"""Names of artifact directories come from the file system: what is outside the grammar is refused."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.loading.artifact_names import ArtifactName, list_artifacts
from tools.artifact.source import LocalSource
from tools.errors import UserError

SHAPE = "NAME_COMPONENT_FAMILY (such as blas_lib_gfx94X-dcgpu; components: lib, run, dev, doc, dbg, test)"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("base_lib_generic", ("base", "lib", "generic")),
        ("amd-llvm_run_generic", ("amd-llvm", "run", "generic")),
        ("blas_lib_gfx94X-dcgpu", ("blas", "lib", "gfx94X-dcgpu")),
        ("fftw3_test_gfx942", ("fftw3", "test", "gfx942")),
        ("blas_lib_gfx950:xnack+", ("blas", "lib", "gfx950:xnack+")),
        ("blas_lib_gfx90a:sramecc+:xnack-", ("blas", "lib", "gfx90a:sramecc+:xnack-")),
        ("prim_dev_igpu-all", ("prim", "dev", "igpu-all")),
    ],
)
def test_a_name_has_three_parts(text, parts):
    name = ArtifactName.parse(text)

    assert (name.name, name.component, name.family) == parts
    assert str(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "base",
        "base_lib",
        "base_lib_",
        "_lib_generic",
        "base_library_generic",
        "ba_se_lib_generic",
        "base_lib_gfx94X_dcgpu",
        "Base_lib_generic",
        "-base_lib_generic",
        "base-_lib_generic",
        "base--x_lib_generic",
        "base_lib_generic\n",
        "base_lib_generic ",
        "base_lib_../x",
        "base_lib_generic/..",
        "base_lib_gfx950:xnack",
        "base_lib_gfx950:",
        "base_lib_igpu-all:xnack+",
        "base_lib_gfx9\u0664",
        "b\u00e4se_lib_generic",
        "base_lib_<script>",
        'base_lib_"',
        "base_lib_a,b",
        "base_lib_a%20",
        "base_lib_a\0",
    ],
)
def test_anything_else_is_no_name(text):
    with pytest.raises(UserError) as caught:
        ArtifactName.parse(text)

    assert str(caught.value) == f"{text!r} is not the name of an artifact: {SHAPE}"


@given(st.text(max_size=40))
def test_any_text_is_a_name_that_is_written_back_or_an_error(text):
    try:
        name = ArtifactName.parse(text)
    except UserError:
        return
    assert str(name) == text


def test_a_listing_is_sorted_and_passes_over_files_and_hidden_entries(tmp_path):
    for name in ("rand_lib_gfx942", "base_lib_generic", ".cache", "rand_dev_gfx942"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.txt").touch()

    assert [str(name) for name in list_artifacts(LocalSource(tmp_path))] == [
        "base_lib_generic",
        "rand_dev_gfx942",
        "rand_lib_gfx942",
    ]


def test_a_link_to_a_directory_is_an_artifact(tmp_path):
    (tmp_path / ".store").mkdir()
    (tmp_path / "base_lib_generic").symlink_to(".store")

    assert [str(name) for name in list_artifacts(LocalSource(tmp_path))] == ["base_lib_generic"]


def test_every_strange_directory_is_named(tmp_path):
    for name in ("base_lib_generic", "zzz", "base_lib", "a b"):
        (tmp_path / name).mkdir()
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()

    with pytest.raises(UserError) as caught:
        list_artifacts(LocalSource(tmp_path))

    assert str(caught.value) == (
        f"{tmp_path}: not named like an artifact, {SHAPE}: 'a b', 'base_lib', 'caf\\udce9', 'zzz'"
    )


def test_a_directory_without_artifacts_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        list_artifacts(LocalSource(tmp_path))

    assert str(caught.value) == f"{tmp_path}: holds no artifact; their directories or archives are named {SHAPE}"


def test_a_directory_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        list_artifacts(LocalSource(tmp_path / "x"))

    assert str(caught.value) == f"{tmp_path / 'x'}: cannot be read: No such file or directory"


def test_what_is_named_like_an_artifact_and_is_no_directory_is_refused(tmp_path):
    (tmp_path / "base_lib_generic").mkdir()
    (tmp_path / "blas_lib_gfx942").symlink_to("gone")
    (tmp_path / "fft_lib_gfx942").write_text("")

    with pytest.raises(UserError) as caught:
        list_artifacts(LocalSource(tmp_path))

    assert str(caught.value) == f"{tmp_path}: named like an artifact and no directory: blas_lib_gfx942, fft_lib_gfx942"
