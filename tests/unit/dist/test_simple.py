from __future__ import annotations

import json

from tests.support.wheel_sets import WheelText, make_sdist, make_wheel
from tools.dist.listing import in_order, list_files
from tools.dist.simple import simple_pages
from tools.receipt import Receipt
from tools.values import read_json


def pages(*receipts, upload_time="", yanked=None) -> dict[str, str]:
    files = list_files([read_json(path, Receipt) for path in receipts], upload_time=upload_time, yanked=yanked or {})
    return {name: content.decode() for name, content in simple_pages(in_order(files)).items()}


def core(tmp_path, version="10.1.0"):
    return make_wheel(tmp_path, WheelText(distribution="rocm-sdk-core", package="core", version=version))


def test_the_root_lists_the_projects(tmp_path):
    made = pages(core(tmp_path), make_sdist(tmp_path))

    assert '<a href="rocm/">rocm</a><br>\n<a href="rocm-sdk-core/">rocm-sdk-core</a><br>' in made["simple/index.html"]
    assert json.loads(made["simple/index.json"]) == {
        "meta": {"api-version": "1.4"},
        "projects": [{"name": "rocm"}, {"name": "rocm-sdk-core"}],
    }


def test_a_project_page_in_json_has_all_that_installers_ask_for(tmp_path):
    receipt = core(tmp_path)
    name = "rocm_sdk_core-10.1.0-py3-none-any.whl"
    built = read_json(receipt, Receipt)

    made = pages(receipt, upload_time="2026-09-01T04:05:06Z", yanked={name: "wrong"})

    assert json.loads(made["simple/rocm-sdk-core/index.json"]) == {
        "meta": {"api-version": "1.4"},
        "name": "rocm-sdk-core",
        "project-status": {"status": "active"},
        "versions": ["10.1.0"],
        "files": [
            {
                "filename": name,
                "url": f"../../{name}",
                "hashes": {"sha256": built.sha256},
                "size": built.size,
                "yanked": "wrong",
                "requires-python": ">=3.10",
                "upload-time": "2026-09-01T04:05:06Z",
                "core-metadata": {"sha256": built.metadata_sha256},
            }
        ],
    }


def test_what_is_not_known_is_left_out_of_json(tmp_path):
    (file,) = json.loads(pages(make_sdist(tmp_path))["simple/rocm/index.json"])["files"]

    assert sorted(file) == ["filename", "hashes", "requires-python", "size", "upload-time", "url", "yanked"]


def test_a_project_page_in_html_has_one_link_a_file(tmp_path):
    receipt = core(tmp_path, "10.1.0+bkc.2")
    built = read_json(receipt, Receipt)

    page = pages(receipt, yanked={built.filename: True})["simple/rocm-sdk-core/index.html"]

    assert [line for line in page.splitlines() if "<a" in line] == [
        f'<a href="../../rocm_sdk_core-10.1.0%2Bbkc.2-py3-none-any.whl#sha256={built.sha256}"'
        ' data-requires-python="&gt;=3.10"'
        f' data-core-metadata="sha256={built.metadata_sha256}" data-dist-info-metadata="sha256={built.metadata_sha256}"'
        ' data-yanked="">rocm_sdk_core-10.1.0+bkc.2-py3-none-any.whl</a><br>'
    ]


def test_versions_are_in_their_own_order(tmp_path):
    receipts = [core(tmp_path, version) for version in ("10.1.0", "9.9.0", "10.1.0rc1")]

    project = json.loads(pages(*receipts)["simple/rocm-sdk-core/index.json"])

    assert project["versions"] == ["9.9.0", "10.1.0rc1", "10.1.0"]
