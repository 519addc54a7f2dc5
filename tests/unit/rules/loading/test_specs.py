"""The packaging specs: what they say, and what a mistake in them says."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from rules.loading.spec_table import SpecError
from rules.loading.specs import layout_for, load_specs
from tests.support.places import SPECS
from tools.errors import UserError


@pytest.fixture
def specs_dir(tmp_path: Path) -> Path:
    """Return a copy of the specs that a test may spoil."""
    for name in ("layouts", "packages", "runtime"):
        shutil.copytree(SPECS / name, tmp_path / name)
    for file in SPECS.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.mark.parametrize("layout", ["per-family", "kpack-split"])
def test_the_committed_specs_load(layout):
    assert {package.name for package in load_specs(SPECS, layout).packages} >= {"core", "libraries", "devel", "meta"}


def test_devel_takes_over_the_artifacts_of_the_runtime_packages():
    devel = load_specs(SPECS, "per-family").package("devel")

    assert {"amd-llvm", "blas", "prim"} <= {name for claim in devel.claims for name in claim.artifacts}


def test_a_component_left_out_by_the_layout_is_not_claimed():
    devel = load_specs(SPECS, "kpack-split").package("devel")

    assert not any("test" in claim.components for claim in devel.claims)


def test_the_layout_follows_the_artifacts_flag():
    assert (layout_for(SPECS, True), layout_for(SPECS, False)) == ("kpack-split", "per-family")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        pytest.param(
            "packages/core.toml", "rpaths =", "rpath =", "rpath: unknown key; did you mean 'rpaths'?", id="typo"
        ),
        pytest.param("packages/core.toml", 'rule = "wheel"', "rule = 3", "rule: 3 must be a string", id="type"),
        pytest.param("packages/core.toml", 'rule = "wheel"\n', "", "rule: is missing", id="missing"),
        pytest.param(
            "packages/core.toml",
            'license = "',
            'license = "MIT\\nRequires-Dist: other',
            "license: 'MIT\\nRequires-Dist: otherMIT AND NCSA AND Apache-2.0 WITH LLVM-exception' must be one line "
            "without control characters",
            id="two lines",
        ),
        pytest.param(
            "packages/core.toml",
            '"core-kpack",',
            '"core\\u2028kpack",',
            "claims[0].artifacts[7]: 'core\\u2028kpack' must be one line without control characters",
            id="two lines in a list",
        ),
        pytest.param(
            "project.toml",
            "[urls]\n",
            '[urls]\n"Home\\rRequires-Dist: other" = "https://example.org"\n',
            "urls.'Home\\rRequires-Dist: other': 'Home\\rRequires-Dist: other' must be one line without control "
            "characters",
            id="two lines in a key",
        ),
        pytest.param(
            "packages/core.toml",
            "license =",
            "licence =",
            "license: is missing; is it misspelt as 'licence'?",
            id="misspelt key",
        ),
        pytest.param(
            "ignored.toml",
            'artifact = "elfio"',
            'artefact = "elfio"',
            "ignore[3].artifact: is missing; is it misspelt as 'artefact'?",
            id="key of a row",
        ),
        pytest.param(
            "packages/core.toml",
            '"core-kpack",',
            '"videokit",',
            "claims[0].artifacts[7]: 'videokit' is not in artifacts.toml; name it there first",
            id="new artifact",
        ),
        pytest.param(
            "ignored.toml",
            'artifact = "elfio"',
            'artifact = "blas"\ncomponents = ["dbg", "lib"]',
            "ignore[3]: blas's dbg component is claimed in packages/devel.toml, too, by claims or artifacts_of; take "
            "it out of one of the files",
            id="ignored and claimed by devel",
        ),
        pytest.param(
            "ignored.toml",
            'artifact = "elfio"',
            'artifact = "rocprofiler-compute"\ncomponents = ["run"]',
            "ignore[3]: rocprofiler-compute's run component is claimed in packages/profiler.toml, too, by claims or "
            "artifacts_of; take it out of one of the files",
            id="ignored and claimed",
        ),
        pytest.param(
            "packages/core.toml",
            '"core-kpack",',
            '"core-kpak",',
            "claims[0].artifacts[7]: 'core-kpak' is not in artifacts.toml; name it there first, or did you mean "
            "'core-kpack'?",
            id="artifact",
        ),
        pytest.param(
            "packages/libraries.toml",
            'requires = ["core"]',
            'requires = ["kore"]',
            "requires[0]: unknown name 'kore'; did you mean 'core'?",
            id="package",
        ),
        pytest.param(
            "packages/core.toml",
            '"core:lib/llvm/lib"',
            '"core:/lib"',
            "rpaths[0]: 'core:/lib' must be PACKAGE:DIRECTORY, PACKAGE one of bootstrap, core, devel, device, "
            "libraries, meta, profiler, DIRECTORY relative",
            id="rpath",
        ),
        pytest.param(
            "layouts/per-family.toml",
            'per = ["family"]',
            'per = ["famly"]',
            "packages.libraries.per[0]: unknown name 'famly'; did you mean 'family'?",
            id="layout",
        ),
        pytest.param(
            "layouts/per-family.toml",
            "profiler =",
            "profile =",
            "packages.profile: unknown name 'profile'; did you mean 'profiler'?",
            id="layout package",
        ),
        pytest.param(
            "packages/device.toml",
            "[[claims]]",
            '[scripts]\nx = { path = "bin/x", devel = false }\n\n[[claims]]',
            "scripts: need a runtime folder with a _cli.py that starts them; copy rocm_profiler",
            id="scripts",
        ),
        pytest.param(
            "packages/device.toml",
            "[[claims]]",
            'runtime = "rocm_profiler"\n\n[scripts]\nx = { path = "bin/x", devel = false }\n\n[[claims]]',
            "scripts: a package that overlays libraries has none: its programs lie in that one",
            id="scripts of an overlay",
        ),
        pytest.param(
            "targets.toml",
            "platforms",
            "platform",
            "gfx900.platforms: is missing; is it misspelt as 'platform'?",
            id="target",
        ),
        pytest.param(
            "ignored.toml",
            'artifact = "elfio"',
            'artifact = "elfo"',
            "ignore[3].artifact: 'elfo' is not in artifacts.toml; name it there first, or did you mean 'elfio'?",
            id="ignored",
        ),
        pytest.param("packages/core.toml", "[scripts]", "[scripts", None, id="not TOML"),
    ],
)
def test_a_mistake_names_file_and_key(specs_dir, file, old, new, message):
    path = specs_dir / file
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(UserError) as caught:
        load_specs(specs_dir, "per-family")

    text = str(caught.value)
    assert text == f"{path}: {message}" if message else text.startswith(f"{path}: is not TOML: ")


def test_an_unknown_layout_lists_the_known_ones(specs_dir):
    with pytest.raises(UserError) as caught:
        load_specs(specs_dir, "flat")

    assert str(caught.value) == (
        f"{specs_dir / 'layouts'}: there is no layout 'flat'; it must be one of kpack-split, per-family"
    )


def test_docs_tell_of_every_key_of_a_package():
    text = (SPECS.parent / "docs" / "packages.md").read_text()
    tables = [tomllib.loads(file.read_text()) for file in (SPECS / "packages").glob("*.toml")]
    claims = [claim for table in tables for claim in table.get("claims", [])]

    keys = {key for table in (*tables, *claims) for key in table}

    assert [key for key in sorted(keys) if not re.search(rf"`\[*{key}\]*`", text)] == []


def test_a_package_that_the_installed_sdk_would_not_link_to_is_refused(specs_dir):
    file = specs_dir / "packages" / "profiler.toml"
    file.write_text(file.read_text().replace('"rocm-profiler"', '"acme-profiler"'))

    with pytest.raises(SpecError) as caught:
        load_specs(specs_dir, "per-family")

    assert str(caught.value) == (
        f"{file}: distribution: 'acme-profiler' must begin with 'rocm': the installed SDK follows links into such "
        "packages alone"
    )


def test_a_new_package_is_an_edit_of_data(specs_dir):
    (specs_dir / "packages" / "video.toml").write_text(
        'rule = "wheel"\ndistribution = "rocm-sdk-video"\nsummary = "Video"\nlicense = "MIT"\nrequires = ["core"]\n'
        '[[claims]]\nartifacts = ["rdc"]\ncomponents = ["lib"]\n'
    )
    ignored = specs_dir / "ignored.toml"
    ignored.write_text(ignored.read_text().replace('"rdc"', '"rdc"\ncomponents = ["dev"]'))
    layout = specs_dir / "layouts" / "per-family.toml"
    layout.write_text(layout.read_text() + 'video = { per = ["generic"] }\n')

    assert load_specs(specs_dir, "per-family").package("video").distribution == "rocm-sdk-video"
