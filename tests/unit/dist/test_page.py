from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings

from tests.support.listed_files import CORE, LIBRARIES, META, MI300, file
from tests.support.page_reader import HOSTILE, Reader
from tools.dist.page import PageText, find_links_page


def page(*files, title="ROCm", url="", gpus=(MI300,)) -> bytes:
    return find_links_page(files, PageText(title=title, gpus=gpus, url=url))


def data(reader: Reader) -> dict[str, object]:
    return json.loads(reader.texts["script"][0])


def test_the_only_links_are_files():
    reader = Reader(page(META, CORE, LIBRARIES))

    assert [attributes["href"] for tag, attributes in reader.elements if tag == "a"] == [
        "rocm-10.1.0.whl#sha256=",
        "rocm-sdk-core-10.1.0.whl#sha256=",
        "libraries-gfx94x-dcgpu-10.1.0.whl#sha256=",
    ]


def test_nothing_is_loaded_from_elsewhere():
    text = page(META, CORE, LIBRARIES).decode()

    assert not re.findall(r"https?://|<link|<img|@import|url\(", text)


def test_readers_without_a_script_find_the_command_of_each_family():
    text = page(META, CORE, LIBRARIES, url="https://example.org/rocm/").decode()

    assert (
        "<h3>gfx94X-dcgpu</h3>\n<p>MI300X (gfx942)</p>\n"
        "<pre><code>pip install --no-index --find-links https://example.org/rocm/ "
        '"rocm[libraries-gfx94x-dcgpu]==10.1.0"</code></pre>'
    ) in text.replace("&#34;", '"')


def test_without_the_meta_distribution_the_command_names_the_wheels():
    text = page(CORE, LIBRARIES).decode().replace("&#34;", '"')

    assert 'pip install --no-index --find-links ADDRESS "libraries-gfx94x-dcgpu==10.1.0"</code>' in text


def test_a_withdrawn_file_says_why():
    text = page(file("rocm", "meta", yanked="wrong <kernels>")).decode()

    assert '<p class="warning">Withdrawn: wrong &lt;kernels&gt;</p>' in text


def test_an_index_of_nothing_says_so():
    assert "<p>There is nothing here yet.</p>" in page().decode()


@pytest.mark.parametrize(
    ("version", "upload_time", "day"),
    [
        ("10.1.0", "2026-09-01T23:59:59Z", "2026-09-01"),
        ("10.1.0a20260811", "", "2026-08-11"),
        ("10.1.0a20260811+bkc.20260814", "", "2026-08-11"),
        ("10.1.0.dev20269999", "", ""),
        ("10.1.0.dev20260231", "", ""),
        ("10.1.0", "", ""),
    ],
)
def test_the_date_is_that_of_the_upload_else_of_the_version(version, upload_time, day):
    listed = file("rocm", "meta", version=version)
    dated = {**{name: getattr(listed, name) for name in listed.__struct_fields__}, "upload_time": upload_time}

    reader = Reader(page(type(listed)(**dated)))

    assert [attributes["datetime"] for tag, attributes in reader.elements if tag == "time"] == ([day] if day else [])


@settings(deadline=None)  # the machine may be busy
@given(title=HOSTILE, summary=HOSTILE, reason=HOSTILE, product=HOSTILE)
def test_whatever_a_text_holds_it_stays_text(title, summary, reason, product):
    plain = Reader(page(META, CORE, LIBRARIES))
    gpu = type(MI300)(target=MI300.target, product=product, families=MI300.families)
    hostile = [
        type(one)(**{**{name: getattr(one, name) for name in one.__struct_fields__}, "summary": summary or "-"})
        for one in (META, CORE, LIBRARIES)
    ]
    withdrawn = file("other", "core", version="1.0", yanked=reason)

    reader = Reader(page(*hostile, withdrawn, title=title, gpus=(gpu,)))

    assert {tag for tag, _ in reader.elements} == {tag for tag, _ in plain.elements}
    assert reader.texts["title"][0] == title
    assert data(reader)["releases"][0]["choices"][0]["product"] == product
