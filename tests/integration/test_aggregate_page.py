"""The page over several indexes in a real browser: GPU first, then what has wheels for it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.chromium import PROGRAM, Tab, chromium
from tests.support.seen_pages import GPUS, LOW_CONTRAST
from tests.support.wheel_sets import WheelText, make_set, make_wheel
from tools.dist.aggregate import AggregateRequest, aggregate
from tools.dist.gather import DistRequest, gather
from tools.dist.listing import ALSO
from tools.dist.publish import PublishRequest, publish

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium (Debian's package chromium)")

TORCH = WheelText(distribution="torch", package=ALSO, version="2.9.0", summary="Tensors")
OLD_TORCH = WheelText(distribution="torch", package=ALSO, version="2.8.0", requires=("rocm==10.0.0",))
JAX = WheelText(distribution="jax-rocm7-plugin", package=ALSO, version="0.12.0", summary="JAX on AMD GPUs")


def publish_set(site: Path, name: str, version: str, *others: WheelText, families: tuple[str, ...]) -> None:
    build = site.parent / "build" / name / version
    theirs = tuple(make_wheel(build / text.version, text) for text in others)
    receipts = (*make_set(build, version=version, families=families), *theirs)
    gather(DistRequest(receipts=receipts, dist_dir=build / "dist"))
    publish(
        PublishRequest(receipts=receipts, dist_dir=build / "dist", url=f"{site}/{name}", now="2026-09-01T04:05:06Z")
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Return a folder with a page over three channels."""
    site = tmp_path_factory.mktemp("aggregate") / "site"
    both = ("gfx94X-dcgpu", "gfx120X-all")
    publish_set(site, "stable", "10.0.0", OLD_TORCH, families=("gfx94X-dcgpu",))
    publish_set(site, "stable", "10.1.0", TORCH, families=("gfx94X-dcgpu",))
    publish_set(site, "nightly", "10.2.0a20260906", families=both)
    publish_set(site, "nightly", "10.2.0a20260907", JAX, TORCH, families=both)
    publish_set(site, "dev", "10.2.0.dev1", families=("gfx120X-all",))
    indexes = tuple((name, f"{site}/{name}") for name in ("stable", "nightly", "dev"))
    aggregate(AggregateRequest(indexes=indexes, url=str(site), gpus=GPUS))
    return site


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as tab:
        yield tab


@pytest.fixture
def tab(browser: Tab, site):
    browser.look(theme="light", width=1200)
    browser.go(f"file://{site}/index.html")
    yield browser
    assert browser.complaints == []


def command(site: Path, channel: str, what: str, *, index: bool = False) -> str:
    return f"pip install {'' if index else '--no-index '}--find-links file://{site}/{channel}/ {what}"


def channels(tab: Tab) -> list[str]:
    return tab.run("[...document.querySelectorAll('#indexes label')].map((one) => one.innerText.replace(/\\s+/g, ' '))")


def versions(tab: Tab) -> list[str]:
    return tab.run("[...document.querySelectorAll('#version option')].map((one) => one.value)")


def choose(tab: Tab, selector: str, value: str) -> None:
    tab.run(f"document.querySelector('{selector}').value = '{value}'")
    tab.run(f"document.querySelector('{selector}').dispatchEvent(new Event('change')) && null")


def test_before_a_gpu_is_chosen_every_channel_is_there_and_no_command(tab):
    assert channels(tab) == ["stable 10.1.0", "nightly 10.2.0a20260907", "dev 10.2.0.dev1"]
    assert tab.run("document.getElementById('chosen').hidden")
    names = "[...document.querySelectorAll('#gpus .product')].map((one) => one.innerText)"
    assert tab.run(names) == ["MI300A/MI300X CDNA", "AMD RX 9060 / XT", "AMD RX 9070 / XT"]


def test_a_gpu_leaves_the_channels_that_have_it_and_begins_with_the_first(tab, site):
    tab.click("#gpus label:nth-child(1)")
    mi300 = channels(tab), tab.text("#pip")
    tab.click("#gpus label:nth-child(3)")
    rx = channels(tab), tab.text("#pip")

    assert mi300 == (
        ["stable 10.1.0", "nightly 10.2.0a20260907"],
        command(site, "stable", '"rocm[libraries-gfx94x-dcgpu]==10.1.0"'),
    )
    assert rx == (
        ["nightly 10.2.0a20260907", "dev 10.2.0.dev1"],
        command(site, "nightly", '"rocm[libraries-gfx120x-all]==10.2.0a20260907"'),
    )


def test_a_channel_and_a_version_are_chosen_and_stay_while_they_are_possible(tab, site):
    tab.click("#gpus label:nth-child(1)")
    tab.click("#indexes label:nth-child(2)")
    choose(tab, "#version", "10.2.0a20260906")
    older = tab.text("#pip")
    tab.click("#gpus label:nth-child(2)")

    assert older == command(site, "nightly", '"rocm[libraries-gfx94x-dcgpu]==10.2.0a20260906"')
    assert tab.text("#pip") == command(site, "nightly", '"rocm[libraries-gfx120x-all]==10.2.0a20260906"')
    assert versions(tab) == ["10.2.0a20260907", "10.2.0a20260906"]


def test_products_are_those_of_the_channel_and_stay_chosen(tab, site):
    tab.click("#gpus label:nth-child(1)")
    tab.click("#products input[value=torch]")
    stable = tab.text("#pip")
    tab.click("#indexes label:nth-child(2)")
    names = tab.run("[...document.querySelectorAll('#products label')].map((one) => one.innerText.trim())")

    assert stable == command(site, "stable", '"rocm[libraries-gfx94x-dcgpu]==10.1.0" "torch==2.9.0"', index=True)
    assert names == ["jax-rocm7-plugin", "torch"]
    nightly = '"rocm[libraries-gfx94x-dcgpu]==10.2.0a20260907" "torch==2.9.0"'
    assert tab.text("#pip") == command(site, "nightly", nightly, index=True)


def test_products_are_offered_in_versions_that_go_with_the_chosen_one_of_rocm(tab, site):
    options = "[...document.querySelectorAll('#products option')].map((one) => one.value)"
    tab.click("#gpus label:nth-child(1)")
    newest = tab.run(options)
    choose(tab, "#version", "10.0.0")

    assert newest == ["2.9.0"]
    assert tab.run(options) == ["2.9.0", "2.8.0"]


def test_the_keyboard_goes_from_gpu_to_channel(tab, site):
    tab.run("document.getElementById('gpu-filter').focus()")
    tab.press("Tab", 9)
    tab.press("ArrowDown", 40)
    tab.press("Tab", 9)
    tab.press("ArrowDown", 40)

    assert tab.text("#pip") == command(site, "dev", '"rocm[libraries-gfx120x-all]==10.2.0.dev1"')


def test_links_lead_to_the_pages_of_the_channels(tab, site):
    links = tab.run("[...document.querySelectorAll('#channels a')].map((one) => one.href)")

    assert links == [f"file://{site}/{name}/index.html" for name in ("stable", "nightly", "dev")]


@pytest.mark.parametrize(
    ("query", "count"),
    [("torch", "2 of 8 versions"), ("ROCm 10.2", "3 of 8 versions"), ("gfx120x", "3 of 8 versions"), ("", "")],
)
def test_versions_are_filtered_as_one_types(tab, query, count):
    tab.type("#filter", query)

    assert tab.text("#count") == count
    assert tab.run("document.querySelectorAll('#channels tr.file[hidden], #channels tbody[hidden]').length") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_text_has_contrast_and_nothing_overflows(tab, site, theme, width):
    tab.look(theme=theme, width=width, height=800)
    tab.go(f"file://{site}/index.html#gfx942")

    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run(LOW_CONTRAST) == []


def test_a_copy_of_the_tree_names_its_own_place(browser, site, tmp_path):
    copy = tmp_path / "a copy"
    subprocess.run(["cp", "-r", site, copy], check=True)

    browser.go((copy / "index.html").as_uri() + "#gfx1201")

    place = f"file://{tmp_path}/a%20copy/nightly/"
    assert browser.text("#uv") == (
        f'uv pip install --no-index --find-links {place} "rocm[libraries-gfx120x-all]==10.2.0a20260907"'
    )


@pytest.mark.slow
def test_the_copied_command_installs(tab, tmp_path):
    tab.click("#gpus label:nth-child(1)")
    tab.click("#indexes label:nth-child(2)")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)

    words = shlex.split(tab.text("#pip"))
    subprocess.run([tmp_path / "venv" / "bin" / words[0], *words[1:]], check=True, capture_output=True)

    found = sorted(path.name for path in tmp_path.glob("venv/lib/*/site-packages/rocm*"))
    assert found[0] == "rocm-10.2.0a20260907.dist-info"
