"""The page in a real browser: what a person clicks, types and copies."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.chromium import PROGRAM, Tab
from tests.support.http_servers import running
from tests.support.seen_pages import GPUS, LOW_CONTRAST
from tests.support.wheel_sets import WheelText, make_dist, make_sdist, make_set, make_wheel
from tools.dist.choices import Gpu
from tools.dist.listing import ALSO
from tools.dist.serve import ServeRequest, make_server

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium (Debian's package chromium)")


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    directory = tmp_path_factory.mktemp("page")
    return make_dist(directory / "dist", make_set(directory / "build"), gpus=GPUS)


@pytest.fixture
def tab(browser: Tab, dist):
    browser.look(theme="light", width=1200)
    browser.go(f"file://{dist}/index.html")
    yield browser
    assert browser.complaints == []


def command(dist: Path, what: str) -> str:
    return f'pip install --no-index --find-links file://{dist}/ "{what}==10.1.0"'


def test_no_command_is_shown_before_a_gpu_is_chosen(tab):
    assert tab.run("document.getElementById('chosen').hidden")
    assert tab.text("#not-chosen") == "Choose your GPU to see the command."


def test_choosing_a_gpu_changes_both_commands(tab, dist):
    tab.click("#gpus label:nth-child(1)")
    first = tab.text("#pip")
    tab.click("#gpus label:nth-child(3)")

    assert first == command(dist, "rocm[libraries-gfx94x-dcgpu]")
    assert tab.text("#pip") == command(dist, "rocm[libraries-gfx120x-all]")
    assert tab.text("#uv") == "uv " + command(dist, "rocm[libraries-gfx120x-all]")


def test_the_keyboard_is_enough(tab, dist):
    tab.run("document.getElementById('gpu-filter').focus()")
    tab.press("Tab", 9)
    tab.press("ArrowDown", 40)

    assert tab.text("#pip") == command(dist, "rocm[libraries-gfx120x-all]")
    assert tab.run("getComputedStyle(document.activeElement.parentElement).outlineStyle") == "solid"


@pytest.mark.parametrize(
    ("query", "products"),
    [
        ("mi300", ["MI300A/MI300X CDNA"]),
        ("GFX1201", ["AMD RX 9070 / XT"]),
        ("gfx120x-all", ["AMD RX 9060 / XT", "AMD RX 9070 / XT"]),
        ("xt rx", ["AMD RX 9060 / XT", "AMD RX 9070 / XT"]),
        ("dcgpu-all", ["MI300A/MI300X CDNA"]),
        ("voodoo", []),
    ],
)
def test_a_gpu_is_found_by_product_target_or_family(tab, query, products):
    tab.type("#gpu-filter", query)

    shown = tab.run("[...document.querySelectorAll('#gpus label:not([hidden]) .product')].map((one) => one.innerText)")
    assert shown == products
    assert tab.run("document.getElementById('no-gpu').hidden") == bool(products)


def test_the_only_gpu_left_is_chosen(tab, dist):
    tab.type("#gpu-filter", "9070")

    assert tab.text("#pip") == command(dist, "rocm[libraries-gfx120x-all]")


def test_the_address_can_name_the_gpu(tab, dist):
    tab.go(f"file://{dist}/index.html#gfx942")

    assert tab.text("#pip") == command(dist, "rocm[libraries-gfx94x-dcgpu]")


def test_parts_are_ticked_and_weighed(tab, dist):
    tab.click("#gpus label:nth-child(1)")
    libraries = tab.text("#weight")
    tab.click("#parts input[value=devel]")
    both = tab.text("#pip")
    tab.click("#parts input[value=libraries]")
    tab.click("#parts input[value=devel]")

    assert both == command(dist, "rocm[libraries-gfx94x-dcgpu,devel-gfx94x-dcgpu]")
    assert libraries == "Downloads 1.50 MB, takes 1.50 MB installed."
    assert tab.text("#pip") == command(dist, "rocm")
    assert tab.text("#weight").endswith(" bytes installed.")


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """Return a dist with wheels of other projects, one of them in two versions."""
    directory = tmp_path_factory.mktemp("beside")
    texts = [
        WheelText(distribution="torch", package=ALSO, version=version, requires=("rocm==10.1.0",))
        for version in ("2.8.0", "2.10.0")
    ]
    texts.append(WheelText(distribution="jax-rocm7-plugin", package=ALSO, version="0.12.0"))
    theirs = tuple(make_wheel(directory / text.version, text) for text in texts)
    return make_dist(directory / "dist", (*make_set(directory / "build"), *theirs), gpus=GPUS)


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 1200), ("light", 360), ("dark", 360)])
def test_products_of_others_join_the_command_in_the_version_that_is_chosen(browser, beside, theme, width):
    browser.look(theme=theme, width=width)
    browser.go(f"file://{beside}/index.html#gfx942")
    alone = browser.text("#pip")
    browser.click("#products input[value=torch]")
    browser.run("document.querySelectorAll('#products select')[1].value = '2.8.0'")
    browser.run("document.querySelectorAll('#products select')[1].dispatchEvent(new Event('change'))")

    assert alone == command(beside, "rocm[libraries-gfx94x-dcgpu]")
    assert browser.text("#pip") == (
        f'pip install --find-links file://{beside}/ "rocm[libraries-gfx94x-dcgpu]==10.1.0" "torch==2.8.0"'
    )
    names = "[...document.querySelectorAll('#products label')].map((one) => one.innerText.trim())"
    assert browser.run(names) == ["jax-rocm7-plugin", "torch"]
    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    headings = browser.run("[...document.querySelectorAll('.version th')].map((one) => one.innerText)")
    assert headings == ["10.1.0", "jax-rocm7-plugin 0.12.0", "torch 2.10.0", "torch 2.8.0"]
    assert browser.complaints == []


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_the_button_copies_the_command(tab, dist, tool):
    tab.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    tab.click("#gpus label:nth-child(1)")
    tab.click(f"button[data-copy={tool}]")

    expected = ("uv " if tool == "uv" else "") + command(dist, "rocm[libraries-gfx94x-dcgpu]")
    assert tab.run("navigator.clipboard.readText()") == expected
    assert tab.text(f"button[data-copy={tool}]") == "Copied"
    assert tab.text("#status") == f"The {tool} command was copied."


@pytest.mark.slow
def test_the_copied_command_installs(tab, dist, tmp_path):
    tab.click("#gpus label:nth-child(1)")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)

    words = shlex.split(tab.text("#pip"))
    subprocess.run([tmp_path / "venv" / "bin" / words[0], *words[1:]], check=True, capture_output=True)

    found = sorted(path.name for path in tmp_path.glob("venv/lib/*/site-packages/_rocm*"))
    assert found == ["_rocm_sdk_core", "_rocm_sdk_libraries_gfx94x_dcgpu"]


def test_over_http_the_command_names_the_page_and_copying_needs_no_permission(tab, dist):
    with running(make_server(ServeRequest(dist_dir=dist, port=0))) as address:
        url = f"{address}/"
        tab.go(f"{url}?from=mail#gfx942")
        text = tab.text("#pip")
        tab.run("Object.defineProperty(navigator, 'clipboard', {value: undefined})")  # as on http:// elsewhere
        tab.click("button[data-copy=pip]")
        copied = tab.text("button[data-copy=pip]")
        tab.complaints[:] = [text for text in tab.complaints if "favicon" not in text and "404" not in text]

    assert text == f'pip install --no-index --find-links {url} "rocm[libraries-gfx94x-dcgpu]==10.1.0"'
    assert copied == "Copied"


@pytest.mark.parametrize(
    ("query", "count", "shown"),
    [
        ("gfx94X-dcgpu", "2 of 7 files", 2),
        ("libraries gfx120x", "1 of 7 files", 1),
        ("ROCm core", "1 of 7 files", 1),
        ("nothing at all", "0 of 7 files", 0),
        ("", "", 7),
    ],
)
def test_files_are_filtered_as_one_types(tab, query, count, shown):
    tab.type("#filter", query)

    assert tab.text("#count") == count
    assert tab.run("[...document.querySelectorAll('tr.file')].filter((row) => row.offsetParent).length") == shown


def test_without_javascript_the_commands_are_there(browser, dist):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.go(f"file://{dist}/index.html")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)

    text = browser.text("#install")
    assert (
        'pip install --no-index --find-links ADDRESS "rocm[libraries-gfx94x-dcgpu,devel-gfx94x-dcgpu]==10.1.0"' in text
    )
    assert "Your GPU" not in text


def test_two_versions_can_be_chosen_from(browser, tmp_path):
    receipts = (*make_set(tmp_path / "a", families=("gfx94X-dcgpu",)), *make_set(tmp_path / "b", version="10.2.0"))
    dist = make_dist(tmp_path / "dist", receipts, gpus=GPUS)

    browser.go(f"file://{dist}/index.html#gfx942")
    newest = browser.text("#pip")
    browser.run("document.getElementById('version').value = '10.1.0'")
    browser.run("document.getElementById('version').dispatchEvent(new Event('change')) && null")

    assert newest.endswith('"rocm[libraries-gfx94x-dcgpu]==10.2.0"')
    assert browser.text("#pip").endswith('"rocm[libraries-gfx94x-dcgpu]==10.1.0"')
    browser.click("#gpus label:nth-child(3)")
    assert browser.text("#pip").endswith('"rocm[libraries-gfx120x-all]==10.2.0"')
    assert browser.run("document.getElementById('version-choice').hidden"), "10.1.0 has nothing for this GPU"


def test_whatever_texts_hold_they_stay_text(browser, tmp_path):
    hostile = '<img src=x onerror="document.title=1"></script><script>document.title=2</script> & "\''
    text = WheelText(
        distribution="rocm-sdk-libraries-x", package="libraries", family="x", summary=hostile, version="1.0+l.1"
    )
    receipts = (make_wheel(tmp_path / "build", text), make_sdist(tmp_path / "build", version="1.0+l.1"))
    gpus = (Gpu(target="gfx1", product=hostile, families=("x",)), Gpu(target="gfx2", product="other", families=("x",)))
    dist = make_dist(tmp_path / "a b&c$(id)`'", receipts, gpus=gpus, title=hostile)

    browser.go((dist / "index.html").as_uri() + "#gfx1")

    assert browser.run("document.title") == hostile
    assert browser.text("h1") == hostile
    assert browser.text("#gpus .product") == hostile
    assert browser.text("tr.file:nth-child(2) td p") == hostile
    assert browser.run("document.images.length") == 0
    assert browser.complaints == []


def test_a_shell_takes_the_address_as_one_word(browser, tmp_path):
    dist = make_dist(tmp_path / "a b&c$(id)`'!", make_set(tmp_path / "build"), gpus=GPUS)

    browser.go((dist / "index.html").as_uri() + "#gfx942")

    line = browser.text("#pip").replace("pip install", "printf '%s\\n'")
    words = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.splitlines()
    assert words == [
        "--no-index",
        "--find-links",
        f"file://{tmp_path}/a%20b%26c%24%28id%29%60%27%21/",
        "rocm[libraries-gfx94x-dcgpu]==10.1.0",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_text_has_contrast_and_nothing_overflows(tab, dist, theme, width):
    tab.look(theme=theme, width=width, height=800)
    tab.go(f"file://{dist}/index.html#gfx942")

    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run(LOW_CONTRAST) == []


def test_every_control_has_a_name(tab):
    tab.click("#gpus label:nth-child(1)")

    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    controls = {"button", "searchbox", "radio", "checkbox", "combobox", "link", "table", "region"}
    nameless = [
        node["role"]["value"]
        for node in nodes
        if node.get("role", {}).get("value") in controls and not node.get("name", {}).get("value")
    ]
    assert nameless == []
    assert {"button", "searchbox", "radio", "checkbox", "link"} <= {node.get("role", {}).get("value") for node in nodes}


# WCAG 2.2, 1.4.3: 4.5 to 1 between text and what is behind it.
