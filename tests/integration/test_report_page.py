"""The report in a real browser: drawn, zoomed, searched, in both themes and on a phone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.chromium import PROGRAM, Tab
from tests.support.report_wheels import make_wheel
from tests.support.waiting import wait_until
from tools.errors import UserError
from tools.report.echarts import read_echarts
from tools.report.growth import compare
from tools.report.model import File, Wheel
from tools.report.page import Report, report_page

try:
    ECHARTS = read_echarts()
except UserError as missing:
    pytest.skip(str(missing), allow_module_level=True)

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium (Debian's package chromium)")

SOON = 3000  # milliseconds until a set of 500,000 files is drawn on a machine that is not busy
BUSY = 4  # times as long as other tests run beside


def small() -> tuple[Wheel, ...]:
    folder = "_rocm_sdk_libraries/lib/rocblas"
    kernels = [(f"{folder}/k{number:04}_gfx942.co", 1000) for number in range(5000)]
    return (
        make_wheel("libraries", (f"{folder}/librocblas.so.5", 9_000_000), *kernels),
        make_wheel("core", ("_rocm_sdk_core/lib/libamdhip64.so.7", 4_000_000), ("_rocm_sdk_core/bin/rocminfo", 90_000)),
    )


def large(files: int) -> tuple[Wheel, ...]:
    """Return ten wheels whose files are as large as chance, the same each time, has it."""
    chance = random.Random(1)
    wheels = []
    for number in range(10):
        folder = f"_rocm_sdk_libraries_gfx{number}/lib/rocblas/library"
        sizes = [int(min(chance.paretovariate(0.7) * 2000, 1e9)) for _ in range(files // 10)]
        rows = [
            File(f"{folder}/{at // 3000:03}/TensileLibrary_{at:06}_gfx942.co", size, size // 4 + 1, f"{number} {at}")
            for at, size in enumerate(sizes)
        ]
        wheels.append(make_wheel(f"libraries-{number}", *rows))
    return tuple(wheels)


def write_page(directory: Path, wheels: tuple[Wheel, ...]) -> Path:
    old = (make_wheel("core", ("_rocm_sdk_core/lib/libamdhip64.so.7", 1_000_000)), *wheels[:1])
    growth = compare(old, wheels, against="OLD", budget=1_000_000)
    gantt = {
        "lanes": ["task 1"],
        "activities": [[0, 0, 1500, "index", "task"]],
        "command": "index",
        "cpu": 1.0,
    }
    page = directory / "report.html"
    page.write_bytes(report_page(Report(title="ROCm wheels 1", wheels=wheels, growth=growth, gantt=gantt), ECHARTS))
    return page


def wait(tab: Tab, condition: str) -> None:
    wait_until(lambda: tab.run(condition), told=lambda: (condition, tab.complaints))


def open_page(tab: Tab, page: Path) -> int:
    """Open the page and return how long it took to draw, from when it was asked for (milliseconds)."""
    tab.go(f"file://{page}")
    wait(tab, "Boolean(document.documentElement.dataset.drawn)")
    return int(tab.run("document.documentElement.dataset.drawn"))


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    return write_page(tmp_path_factory.mktemp("report"), small())


@pytest.fixture
def tab(browser: Tab, page):
    browser.look(theme="light", width=1200)
    open_page(browser, page)
    yield browser
    assert browser.complaints == []


def first_row(tab: Tab) -> list[str]:
    return tab.text("#inside tbody tr:first-child").split("\t")


def test_the_table_beside_the_map_begins_with_what_is_largest(tab):
    assert first_row(tab) == ["libraries", "14.0 MB", "7.00 MB", "5,001"]


def test_a_click_on_the_map_opens_what_is_there(tab):
    tab.click("#treemap")

    assert tab.text("#way").split("\n")[-1] in ("libraries", "_rocm_sdk_libraries", "lib", "rocblas")


def test_the_keyboard_opens_folders_and_leads_back(tab):
    tab.run("document.querySelector('#inside tbody button').focus()")
    tab.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", text="\r", windowsVirtualKeyCode=13)
    assert tab.text("#way").split("\n") == ["all wheels", "/", "libraries"]

    tab.run("document.querySelector('#way button').focus()")
    tab.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", text="\r", windowsVirtualKeyCode=13)
    assert tab.text("#way") == "all wheels"


def test_a_file_is_found_by_name_and_shown_in_its_folder(tab):
    tab.type("#find", "k0007")
    wait(tab, "document.querySelector('#found button') !== null")
    tab.click("#found button")

    assert tab.text("#way").split("\n")[::2] == ["all wheels", "libraries", "_rocm_sdk_libraries", "lib", "rocblas"]
    assert tab.text("#chosen") == (
        "libraries: _rocm_sdk_libraries/lib/rocblas/k0007_gfx942.co, 1.00 kB installed, 500 bytes compressed, "
        "device code gfx942"
    )


def test_the_other_order_is_by_kind_and_target(tab):
    tab.run(
        "(() => { const order = document.getElementById('order'); order.value = 'kinds';"
        "order.dispatchEvent(new Event('change')); })()"
    )

    assert first_row(tab) == ["libraries", "13.0 MB", "6.50 MB", "2"]
    tab.run("[...document.querySelectorAll('#inside button')].find((one) => one.innerText === 'device code').click()")
    assert first_row(tab) == ["gfx942", "5.00 MB", "2.50 MB", "5,000"]


def test_installed_bytes_are_a_choice(tab):
    before = tab.run("document.querySelector('#treemap canvas').toDataURL()")
    tab.run(
        "(() => { const one = document.getElementById('measure'); one.value = 'sizes';"
        "one.dispatchEvent(new Event('change')); })()"
    )

    wait(tab, f"document.querySelector('#treemap canvas').toDataURL() !== {before!r}")


def test_growth_against_another_dist_is_told(tab):
    section = tab.text("section[aria-labelledby=growth-title]")

    assert "+1.54 MB of 1.00 MB allowed: 545 kB over the budget." in section


def test_the_map_follows_the_theme(tab):
    light = tab.run("document.querySelector('#treemap canvas').toDataURL()")
    tab.look(theme="dark", width=1200)

    wait(tab, f"document.querySelector('#treemap canvas').toDataURL().length !== {len(light)}")


def test_nothing_is_wider_than_a_phone(tab, page):
    tab.look(theme="light", width=390)
    open_page(tab, page)

    assert tab.run("document.documentElement.scrollWidth") == 390


def test_the_run_is_drawn(tab):
    assert tab.run("document.querySelector('#gantt canvas') !== null")


@pytest.mark.slow
def test_half_a_million_files_are_drawn_soon_and_searched(tmp_path, browser):
    browser.look(theme="light", width=1200)
    page = write_page(tmp_path, large(500_000))

    assert open_page(browser, page) < SOON * BUSY
    browser.type("#find", "049999 gfx7/")
    wait(browser, "document.getElementById('count').textContent === '1 file'")
    browser.click("#found button")

    assert browser.text("#chosen").startswith(
        "libraries-7: _rocm_sdk_libraries_gfx7/lib/rocblas/library/016/TensileLibrary_049999_gfx942.co, "
    )
    assert browser.complaints == []
