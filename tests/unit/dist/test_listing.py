from __future__ import annotations

import pytest

from tests.support.wheel_sets import WheelText, make_sdist, make_wheel
from tools.dist.listing import ALSO, ListedFile, as_upload_time, in_order, list_files, project_of, read_receipts
from tools.errors import UserError
from tools.receipt import Receipt
from tools.values import read_json, write_json

CORE = "rocm_sdk_core-10.1.0-py3-none-any.whl"


def listed(tmp_path, text: WheelText, **options) -> ListedFile:
    receipt = read_json(make_wheel(tmp_path, text), Receipt)
    (file,) = list_files([receipt], **{"upload_time": "", "yanked": {}, **options})
    return file


def test_a_wheel_is_listed_with_what_its_metadata_says(tmp_path):
    text = WheelText(
        distribution="rocm-sdk-libraries-gfx94X-dcgpu",
        package="libraries",
        family="gfx94X-dcgpu",
        requires=("ROCm_SDK.core==10.1.0", "numpy; extra == 'test'"),
        summary="ROCm's libraries",
    )

    file = listed(tmp_path, text)

    assert (file.summary, file.requires, file.members) == ("ROCm's libraries", ("rocm-sdk-core",), 4)
    assert file.project == "rocm-sdk-libraries-gfx94x-dcgpu"


def test_a_local_version_is_percent_encoded_in_the_link(tmp_path):
    file = listed(tmp_path, WheelText(distribution="rocm-sdk-core", package="core", version="10.1.0+bkc.2"))

    assert file.href == "rocm_sdk_core-10.1.0%2Bbkc.2-py3-none-any.whl"


def test_a_file_of_others_tells_what_it_requires_of_rocm(tmp_path):
    requires = (
        "numpy",
        "rocm[libraries]==10.1.0; platform_system == 'Linux'",
        "rocm-sdk-core>=10",
        "rocm==9; extra == 'x'",
    )
    texts = [
        WheelText(distribution=name, package=package, requires=requires)
        for name, package in (("a", ALSO), ("b", "core"))
    ]
    receipts = [one.receipt for one in read_receipts([make_wheel(tmp_path, text) for text in texts])]

    files = list_files(receipts, upload_time="", yanked={})

    assert {file.distribution: file.rocm for file in files} == {"a": ("rocm-sdk-core>=10", "rocm==10.1.0"), "b": ()}


def test_an_sdist_has_no_side_file(tmp_path):
    receipt = read_json(make_sdist(tmp_path), Receipt)

    (file,) = list_files([receipt], upload_time="", yanked={})

    assert file.metadata_sha256 == ""


def test_yanked_files_carry_their_reason(tmp_path):
    text = WheelText(distribution="rocm-sdk-core", package="core")

    assert listed(tmp_path, text, yanked={CORE: "wrong kernels"}).yanked == "wrong kernels"


def test_yanking_an_unknown_file_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        listed(tmp_path, WheelText(distribution="rocm-sdk-core", package="core"), yanked={"x.whl": True})

    assert str(caught.value) == "yanked names files that are not in the index: x.whl"


def test_files_come_newest_version_first_then_by_project(tmp_path):
    versions = ["10.1.0.dev0", "10.1.0", "9.2.0", "10.1.0rc1", "10.1.0+local"]
    texts = [
        WheelText(distribution=name, package="core", version=version)
        for version in versions
        for name in ("rocm-b", "rocm-a")
    ]

    files = in_order(listed(tmp_path, text) for text in texts)

    assert [(file.version, file.distribution[-1]) for file in files] == [
        (version, letter)
        for version in ("10.1.0+local", "10.1.0", "10.1.0rc1", "10.1.0.dev0", "9.2.0")
        for letter in "ab"
    ]


def test_receipts_come_in_order_of_file_names_whatever_the_order_given(tmp_path):
    paths = [make_sdist(tmp_path), make_wheel(tmp_path, WheelText(distribution="rocm-sdk-core", package="core"))]

    assert read_receipts(paths) == read_receipts(reversed(paths))


@pytest.mark.parametrize("name", ["notes.txt", "../rocm-1.tar.gz", "rocm.whl", "", "a/b-1.0.tar.gz", ".tar.gz"])
def test_a_receipt_with_another_name_than_a_wheels_or_an_sdists_is_refused(tmp_path, name):
    path = make_sdist(tmp_path)
    receipt = read_json(path, Receipt)
    write_json(path, {**{field: getattr(receipt, field) for field in receipt.__struct_fields__}, "filename": name})

    with pytest.raises(UserError) as caught:
        read_receipts([path])

    assert str(caught.value) == f"{path}: {name!r} is neither the name of a wheel nor of an sdist"


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("rocm_sdk_core-10.1.0-py3-none-linux_x86_64.whl", "rocm-sdk-core"),
        ("rocm-10.1.0.tar.gz", "rocm"),
        ("rocm_sdk_core-10.1.0-py3-none-linux_x86_64.whl.metadata", None),
        ("index.html", None),
    ],
)
def test_the_project_is_read_from_the_name(name, project):
    assert project_of(name) == project


def test_a_time_since_1970_is_written_in_utc():
    assert as_upload_time(1788235506) == "2026-09-01T04:05:06Z"
