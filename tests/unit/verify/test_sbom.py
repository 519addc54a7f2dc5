"""The SBOM of a wheel of ours: there, readable, of this wheel."""

from __future__ import annotations

import pytest

from tests.support.read_wheels import told, wheel
from tools.verify.sbom import check_sbom

PATH = "rocm_sdk_core-1.0.dist-info/sboms/rocm-sdk-core.cdx.json"


def document(name: str = "rocm-sdk-core", version: str = "1.0", kind: str = "CycloneDX") -> bytes:
    return f'{{"bomFormat":"{kind}","metadata":{{"component":{{"name":"{name}","version":"{version}"}}}}}}'.encode()


def test_a_document_of_the_wheel_is_fine():
    assert told(check_sbom(wheel("core", {PATH: document()}))) == []


def test_a_wheel_of_others_needs_none():
    assert told(check_sbom(wheel("core", ours=False))) == []


def test_a_wheel_without_a_document():
    assert told(check_sbom(wheel("core"))) == ["error: sbom: has no document in rocm_sdk_core-1.0.dist-info/sboms/"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (document(version="2.0"), "is a CycloneDX document of rocm-sdk-core 2.0"),
        (document(name="other"), "is a CycloneDX document of other 1.0"),
        (document(kind="SPDX"), "is a SPDX document of rocm-sdk-core 1.0"),
        (b"{}", "cannot be read (Object missing required field `bomFormat`)"),
    ],
)
def test_a_document_of_something_else(text, problem):
    assert told(check_sbom(wheel("core", {PATH: text}))) == [f"error: sbom: {problem}: {PATH}"]
