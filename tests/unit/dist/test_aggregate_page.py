"""What the page over several indexes says."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from hypothesis import given, settings

from tests.support.listed_files import CORE, LIBRARIES, META, MI300, RX, file
from tests.support.page_reader import HOSTILE, Reader
from tools.dist.aggregate_page import NEWEST, Index, aggregate_page
from tools.dist.listing import ALSO, ListedFile, in_order


def of_version(version: str, *files: ListedFile, day: str = "") -> list[ListedFile]:
    time = f"{day}T01:02:03Z" if day else ""
    return [
        msgspec.structs.replace(one, version=version, filename=f"{one.distribution}-{version}.whl", upload_time=time)
        for one in files or (META, CORE, LIBRARIES)
    ]


def other(filename: str, version: str, **changes: object) -> ListedFile:
    return msgspec.structs.replace(file("torch", ALSO, version=version), filename=filename, **changes)


def index(name: str, *files: ListedFile, href: str = "") -> Index:
    return Index(name=name, href=href or f"{name}/index.html", files=in_order(files))


def page(*indexes: Index, public_url: str = "", title: str = "ROCm") -> bytes:
    return aggregate_page(indexes, title=title, gpus=(MI300, RX), public_url=public_url)


def rows(content: bytes, section: str) -> list[str]:
    """Return the text of each row of a table's body."""
    table = re.search(rf'<section id="{section}".*?</section>', content.decode(), re.DOTALL)[0]
    cells = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr class.*?</tr>", table, re.DOTALL)]
    return [" ".join(text.split()) for text in cells]


STABLE = index("stable", *of_version("10.1.0", day="2026-09-01"), *of_version("10.0.0", day="2026-06-01"))
NIGHTLY = index("nightly", *of_version("10.2.0a20260907"), *of_version("10.1.0", day="2026-09-03"))


def test_each_channel_tells_its_newest_version_and_what_it_holds():
    assert rows(page(STABLE, NIGHTLY), "channels") == [
        "stable 10.1.0 2026-09-01 2 versions, 6 files, 6 bytes",
        "nightly 10.2.0a20260907 2026-09-07 2 versions, 6 files, 6 bytes",
    ]


def test_a_version_tells_every_channel_that_has_it_and_the_first_day():
    assert rows(page(STABLE, NIGHTLY), "files") == [
        "ROCm",
        "10.2.0a20260907 2026-09-07 nightly gfx94X-dcgpu",
        "10.1.0 2026-09-01 stable , nightly gfx94X-dcgpu",
        "10.0.0 2026-06-01 stable gfx94X-dcgpu",
    ]


def test_publications_of_several_families_are_one_row():
    gfx120 = file("libraries-gfx120x-all", "libraries", "gfx120X-all")
    mine, yours = index("mine", META, LIBRARIES), index("yours", META, gfx120)

    assert rows(page(mine, yours), "files") == ["ROCm", "10.1.0 mine , yours gfx120X-all, gfx94X-dcgpu"]


def test_products_of_others_tell_their_pythons_and_systems():
    torch = (
        other("torch-2.9.0-cp312-cp312-manylinux_2_28_x86_64.whl", "2.9.0", summary="Tensors"),
        other("torch-2.9.0-cp313-cp313-manylinux_2_28_x86_64.whl", "2.9.0"),
        other("torch-2.10.0-cp312-abi3-win_amd64.whl", "2.10.0", upload_time="2026-09-02T00:00:00Z"),
        other("torch-2.8.0.tar.gz", "2.8.0"),
        other("torch-2.7.0-py3-none-any.whl", "2.7.0", yanked=True),
    )

    assert rows(page(index("stable", META, *torch), index("dev", META, torch[0])), "files")[2:] == [
        "torch",
        "2.10.0 2026-09-02 stable Python 3.12+, Windows",
        "2.9.0 stable , dev Python 3.12, Python 3.13, Linux",
        "2.8.0 stable source",
    ]


def test_the_newest_versions_of_each_product_of_each_channel_are_there():
    many = [one for number in range(NEWEST + 5) for one in of_version(f"10.{number}.0")]
    torch = [other(f"torch-2.{number}.0-py3-none-any.whl", f"2.{number}.0") for number in range(NEWEST + 5)]

    content = page(STABLE, index("nightly", *many, *torch))

    assert rows(content, "channels")[
        1
    ] == f"nightly 10.{NEWEST + 4}.0 {NEWEST + 5} versions, {4 * (NEWEST + 5)} files, " + (f"{4 * (NEWEST + 5)} bytes")
    shown = rows(content, "files")
    assert [row for row in shown if row.startswith("10.4.0 ")] == []
    assert len([row for row in shown if " nightly" in row]) == 2 * NEWEST
    assert f"newest {NEWEST} versions" in " ".join(content.decode().split())


def test_the_picker_has_the_releases_of_all_with_the_places_to_install_from():
    torch = other("torch-2.9.0-py3-none-any.whl", "2.9.0")
    data = json.loads(
        Reader(page(STABLE, index("nightly", META, torch, href="https://x.example/n"))).texts["script"][0]
    )

    assert [(one["name"], one["href"], one["products"]) for one in data["indexes"]] == [
        ("stable", "stable/index.html", []),
        ("nightly", "https://x.example/n", [{"name": "torch", "versions": [{"version": "2.9.0", "fits": None}]}]),
    ]
    assert [(one["index"], one["version"]) for one in data["releases"]] == [(0, "10.1.0"), (0, "10.0.0"), (1, "10.1.0")]


@pytest.mark.parametrize(
    ("requirements", "fits"),
    [
        ((), None),
        (("rocm==10.0.0",), ["10.0.0"]),
        (("rocm>=10", "rocm-sdk-core<10.1"), ["10.0.0"]),
        (("rocm-bindings-core~=5.0",), ["10.1.0", "10.0.0"]),
        (("rocm==9.0",), []),
    ],
)
def test_a_product_tells_which_versions_of_rocm_it_goes_with(requirements, fits):
    torch = other("torch-2.9.0-py3-none-any.whl", "2.9.0", rocm=requirements)
    data = json.loads(Reader(page(index("stable", *STABLE.files, torch))).texts["script"][0])

    assert data["indexes"][0]["products"] == [{"name": "torch", "versions": [{"version": "2.9.0", "fits": fits}]}]


def test_a_file_name_may_have_a_size_of_its_own_in_each_index():
    again = index("dev", msgspec.structs.replace(META, size=5))
    data = json.loads(Reader(page(index("stable", META), again)).texts["script"][0])

    assert [one["sizes"] for one in data["indexes"]] == [{META.filename: [1, 0]}, {META.filename: [5, 0]}]


def test_readers_without_a_script_find_a_command_of_each_channel():
    elsewhere = index("dev", META, LIBRARIES, href="https://dev.example/index.html")

    def commands(content: bytes) -> list[str]:
        return re.findall(r"<pre><code>(.*)</code>", content.decode().replace("&#34;", '"'))

    what = '"rocm[libraries-gfx94x-dcgpu]==10.1.0"'
    assert commands(page(STABLE, elsewhere)) == [
        f"pip install --no-index --find-links ADDRESS/stable/index.html {what}",
        f"pip install --no-index --find-links https://dev.example/index.html {what}",
    ]
    assert commands(page(STABLE, public_url="https://rocm.example/")) == [
        f"pip install --no-index --find-links https://rocm.example/stable/index.html {what}"
    ]
    assert b"the folder of this page where it says <code>ADDRESS</code>" in page(elsewhere, STABLE)
    assert b"where it says <code>ADDRESS</code>" not in page(elsewhere)


def test_nothing_is_loaded_from_elsewhere():
    assert not re.findall(r"https?://|<link|<img|@import|url\(", page(STABLE, NIGHTLY).decode())


def test_the_same_indexes_give_the_same_bytes():
    assert page(STABLE, NIGHTLY) == page(STABLE, NIGHTLY)


@settings(deadline=None)  # the first page reads the templates
@given(title=HOSTILE, name=HOSTILE, summary=HOSTILE)
def test_whatever_a_text_holds_it_stays_text(title, name, summary):
    torch = other("torch-2.9.0-py3-none-any.whl", "2.9.0", summary=summary or "-")
    plain = other("torch-2.9.0-py3-none-any.whl", "2.9.0", summary="-")

    hostile = Reader(page(index(name or "-", META, LIBRARIES, torch), title=title))

    expected = Reader(page(index("plain", META, LIBRARIES, plain), title="ROCm"))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in expected.elements]
    assert json.loads(hostile.texts["script"][0])["indexes"][0]["name"] == (name or "-")
