from __future__ import annotations

import pytest

from tests.support.contracts import plan_of, text
from tools.build_facts import MODULE, facts_text
from tools.dist.restamp import Stamp, filename_of, restamp, restamp_headers, trimmed_facts
from tools.plan.model import Member

OURS = frozenset({"rocm", "rocm-sdk-core", "rocm-sdk-devel", "rocm-sdk-device-gfx942", "rocm-sdk-device-gfx1100"})
STAMP = Stamp(before="10.1.0rc1", after="10.1.0", ours=OURS)
COPY = Member(path="_core/a-10.1.0rc1.bin", kind="copy", mode=0o644, source="a", size=1, sha256="0", crc32=0)
BILL = (
    '{"components":[{"name":"blas","version":"10.1.0rc1"}],"metadata":{"component":{"name":"rocm-sdk-core",'
    '"purl":"pkg:pypi/rocm-sdk-core@%s","version":"%s"}},"specVersion":"1.6"}\n'
)
PLAN = plan_of(
    COPY,
    text("_core/core.package.json", '{"scripts":{},"version":"10.1.0rc1"}\n'),
    text("core/__init__.py", "# since 10.1.0rc1"),
    text("rocm_sdk_core-10.1.0rc1.dist-info/METADATA", "Version: 10.1.0rc1\nRequires-Dist: x==10.1.0rc1\n"),
    text("rocm_sdk_core-10.1.0rc1.dist-info/WHEEL", "Wheel-Version: 1.0\n"),
    text("rocm_sdk_core-10.1.0rc1.dist-info/sboms/a.cdx.json", BILL % ("10.1.0rc1", "10.1.0rc1")),
    version="10.1.0rc1",
    tag="py3-none-any",
)
FACTS = {
    "version": "10.1.0rc1",
    "layout": "kpack-split",
    "summary": "ROCm",
    "bootstrap": "rocm-bootstrap==0.3.0",
    "families": ["gfx1100", "gfx942"],
    "requires": ["rocm-sdk-core==10.1.0rc1"],
    "extras": {
        "devel": ["rocm-sdk-devel==10.1.0rc1"],
        "device-all": ["rocm-sdk-device-gfx1100==10.1.0rc1", "rocm-sdk-device-gfx942==10.1.0rc1"],
        "device-gfx1100": ["rocm-sdk-device-gfx1100==10.1.0rc1"],
        "device-gfx110x-all": ["rocm-sdk-device-gfx1100==10.1.0rc1"],
        "device-gfx942": ['rocm-sdk-device-gfx942==10.1.0rc1; sys_platform == "linux"'],
    },
    "chosen_extras": {
        "device": {
            "gfx1100": ["rocm-sdk-device-gfx1100==10.1.0rc1"],
            "gfx942": ["rocm-sdk-device-gfx942==10.1.0rc1"],
        }
    },
}


def test_fields_get_the_version_and_nothing_else_does():
    assert restamp(PLAN, STAMP) == plan_of(
        COPY,
        text("_core/core.package.json", '{"scripts":{},"version":"10.1.0"}\n'),
        text("core/__init__.py", "# since 10.1.0rc1"),
        text("rocm_sdk_core-10.1.0.dist-info/METADATA", "Version: 10.1.0\nRequires-Dist: x==10.1.0rc1\n"),
        text("rocm_sdk_core-10.1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"),
        text("rocm_sdk_core-10.1.0.dist-info/sboms/a.cdx.json", BILL % ("10.1.0", "10.1.0")),
        version="10.1.0",
        tag="py3-none-any",
    )


@pytest.mark.parametrize("before", ["1.0", "1.6", "2.4"])
def test_a_version_that_is_also_a_number_of_a_format_changes_no_format(before):
    headers = f"Metadata-Version: 2.4\nVersion: {before}\nRequires-Dist: rocm-sdk-core=={before}\n\nNot {before}.\n"

    new = restamp_headers(headers, Stamp(before=before, after="9", ours=OURS))

    assert new == f"Metadata-Version: 2.4\nVersion: 9\nRequires-Dist: rocm-sdk-core==9\n\nNot {before}.\n"


@pytest.mark.parametrize(
    ("requirement", "new"),
    [
        ("rocm-sdk-core==10.1.0rc1", "rocm-sdk-core==10.1.0"),
        ("ROCm_SDK.core == 10.1.0rc1 ; python_version > '3'", "ROCm_SDK.core ==10.1.0 ; python_version > '3'"),
        ("rocm[libraries]==10.1.0rc1", "rocm[libraries]==10.1.0"),
        ("rocm-sdk-core==10.1.0rc12", "rocm-sdk-core==10.1.0rc12"),
        ("rocm-sdk-core>=10.1.0rc1", "rocm-sdk-core>=10.1.0rc1"),
        ("rocm-bootstrap==10.1.0rc1", "rocm-bootstrap==10.1.0rc1"),
        ("rocm-sdk-core", "rocm-sdk-core"),
    ],
)
def test_pins_of_our_distributions_alone_are_changed(requirement, new):
    assert STAMP.pin(requirement) == new


@pytest.mark.parametrize(
    ("filename", "new"),
    [
        ("rocm-10.1.0rc1.tar.gz", "rocm-10.1.0.tar.gz"),
        ("rocm_sdk_core-10.1.0rc1-py3-none-any.whl", "rocm_sdk_core-10.1.0-py3-none-any.whl"),
        ("rocm_sdk_core-1!1.0+bkc.1-py3-none-any.whl", "rocm_sdk_core-10.1.0-py3-none-any.whl"),
    ],
)
def test_a_file_name_gets_the_version(filename, new):
    assert filename_of(filename, "10.1.0") == new


SDIST = plan_of(
    text("PKG-INFO", "Version: 10.1.0rc1\n\nExtras: device-all, device-gfx942\n"),
    text(MODULE, facts_text(FACTS)),
    package="meta",
    distribution="rocm",
    version="10.1.0rc1",
    filename="rocm-10.1.0rc1.tar.gz",
    dist_info="",
)


def test_an_sdist_gets_the_version_in_its_name_and_its_facts():
    new = restamp(SDIST, STAMP)

    assert (new.filename, new.dist_info) == ("rocm-10.1.0.tar.gz", "")
    assert new.members[0].argument == "Version: 10.1.0\n\nExtras: device-all, device-gfx942\n"
    assert "10.1.0rc1" not in new.members[1].argument


TRIM = Stamp(
    before="10.1.0rc1",
    after="10.1.0",
    ours=OURS,
    dropped=frozenset({"rocm-sdk-device-gfx1100"}),
    families=frozenset({"gfx1100"}),
    description="{{ summary }}: {{ extras | join(', ') }}, {{ chosen | join(', ') }}\n",
)


def test_a_trimmed_release_has_no_extra_of_what_it_drops():
    facts = trimmed_facts(FACTS, TRIM)

    assert facts["families"] == ["gfx942"]
    assert facts["extras"] == {
        "devel": ["rocm-sdk-devel==10.1.0"],
        "device-all": ["rocm-sdk-device-gfx942==10.1.0"],
        "device-gfx942": ['rocm-sdk-device-gfx942==10.1.0; sys_platform == "linux"'],
    }
    assert facts["chosen_extras"] == {"device": {"gfx942": ["rocm-sdk-device-gfx942==10.1.0"]}}


def test_the_description_of_a_trimmed_release_lists_the_extras_it_has():
    new = restamp(SDIST, TRIM)

    assert new.members[0].argument == "Version: 10.1.0\n\nROCm: devel, device-all, device-gfx942, device\n"
