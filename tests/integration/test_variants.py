"""Variants of ``rocm`` (PEP 825), with levels of x86-64 in place of GPUs: uv has a provider for these."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.environments import Environment, make_environment
from tests.support.http_servers import bucket_of_files
from tools.dist.choices import Gpu
from tools.dist.entry import Axis, EntryRequest, VariantsRequest, build_entry, write_variants
from tools.dist.index import IndexRequest, write_index
from tools.dist.listing import VARIANT
from tools.workers.context import make_context

LEVELS = {"gfx942": "v1", "gfx950": "v9"}  # every machine has the one, and none the other
STAND_IN = Axis(
    namespace="x86_64",
    feature="level",
    plugin="x86_64_variant_provider",
    requires="x86-64-variant-provider",
    values=LEVELS,
)
PREVIEW = ("--preview-features", "wheel-variants")


@pytest.fixture(scope="module")
def doit(tmp_path_factory) -> Doit:
    made = Doit(directory=tmp_path_factory.mktemp("variants"), settings={"layout": "kpack-split", "version": "1.0"})
    done = made("index", "variants=yes")
    assert done.code == 0, done.out + done.err
    return made


@pytest.fixture(scope="module")
def stand_in(doit, tmp_path_factory) -> Path:
    """Return the same dist with variants for levels of the processor."""
    made = tmp_path_factory.mktemp("stand-in")
    plan = doit.build / "plan/generic/meta.json"
    side = []
    for target in LEVELS:
        request = EntryRequest(plan=plan, directory=made / target, package=VARIANT, target=target, axis=STAND_IN)
        build_entry(request, make_context())
        side.append(request.receipt)
    listed = VariantsRequest(plan=plan, directory=made / "list", targets=tuple(LEVELS), axis=STAND_IN)
    write_variants(listed)
    receipts = tuple(sorted(doit.build.glob("wheel/*/*/receipt.json")))
    for path in sorted(doit.dist.iterdir()):
        if path.is_file():
            (made / "dist").mkdir(exist_ok=True)
            (made / "dist" / path.name).hardlink_to(path)
    gpus = (Gpu(target="gfx942", product="MI300X", families=()),)
    write_index(IndexRequest(receipts=receipts, dist_dir=made / "dist", side=(*side, listed.receipt), gpus=gpus))
    return made / "dist"


def installed(environment: Environment, url: str, *options: str) -> list[str]:
    environment.pip("install", "--index-url", f"{url}/whl-next/", *options, "rocm[libraries,device]")
    return environment.installed


def test_uv_with_its_preview_flag_takes_the_variant_for_this_machine(stand_in, tmp_path):
    with bucket_of_files(stand_in) as url:
        found = installed(make_environment("uv", tmp_path, stand_in), url, *PREVIEW)

    assert found == ["rocm", "rocm_sdk_core", "rocm_sdk_device_gfx942", "rocm_sdk_libraries"]


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_without_it_everything_is_as_before(stand_in, installer, tmp_path):
    with bucket_of_files(stand_in) as url:
        found = installed(make_environment(installer, tmp_path, stand_in), url)

    assert found == ["rocm", "rocm_sdk_core", "rocm_sdk_libraries"]


def test_the_index_lists_a_variant_for_each_target_and_none_for_no_target(doit):
    page = json.loads((doit.dist / "simple/rocm/index.json").read_bytes())

    assert [file["filename"] for file in page["files"]] == [
        "rocm-1.0-py3-none-any-gfx1201.whl",
        "rocm-1.0-py3-none-any-gfx942.whl",
        "rocm-1.0-py3-none-any-gfx950.whl",
        "rocm-1.0-variants.json",
        "rocm-1.0.tar.gz",
    ]
    facts = json.loads((doit.dist / "variants/rocm-1.0-variants.json").read_bytes())
    assert facts["variants"]["gfx942"] == {"amd": {"gfx_arch": ["gfx942"]}}
    assert facts["default-priorities"] == {"namespace": ["amd"]}


def test_verify_finds_nothing_wrong_with_them(doit):
    done = doit("verify", "variants=yes")

    assert done.code == 0, done.out


def test_without_the_setting_they_leave(doit, tmp_path):
    done = doit("index")

    assert done.code == 0
    assert not (doit.dist / "variants").exists()
