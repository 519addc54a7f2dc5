"""What a wheel says of itself: names, tags, requirements, facts."""

from __future__ import annotations

import json

import pytest

from tests.support.read_wheels import content, told
from tools.verify.identity import identify
from tools.verify.wheel import WheelContents

INFO = "rocm_sdk_core-1.0.dist-info"
NAME = "rocm_sdk_core-1.0-py3-none-linux_x86_64.whl"
FACTS = {
    "package": "core",
    "family": "generic",
    "distribution": "rocm-sdk-core",
    "version": "1.0",
    "platform_package": "_rocm_sdk_core",
    "scripts": {},
}
TEXTS = {
    f"{INFO}/METADATA": b"Metadata-Version: 2.4\nName: rocm-sdk-core\nVersion: 1.0\nRequires-Dist: rocm==1.0\n",
    f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n",
    "_rocm_sdk_core/rocm_sdk_core.package.json": json.dumps(FACTS).encode(),
}


def contents(name: str = NAME, **texts: bytes) -> WheelContents:
    """Return a wheel with TEXTS and changed ones, which "" leaves out; "/" is written "__" in their names."""
    changed = {path.replace("__", "/").replace("INFO", INFO): text for path, text in texts.items()}
    everything = {path: text for path, text in (TEXTS | changed).items() if text}
    files = {path: content(text) for path, text in everything.items()}
    return WheelContents(filename=name, size=1, sha256="", files=files, texts=everything)


def changed(path: str, old: bytes, new: bytes) -> WheelContents:
    assert old in TEXTS[path]
    text = TEXTS[path].replace(old, new)
    files = {other: content(TEXTS[other]) for other in TEXTS}
    return WheelContents(filename=NAME, size=1, sha256="", files=files, texts=TEXTS | {path: text})


def test_a_sound_wheel():
    identity, findings = identify(contents())

    assert findings == []
    assert identity is not None
    assert (identity.project, identity.version, identity.platforms) == ("rocm-sdk-core", "1.0", ("linux_x86_64",))
    assert [str(one) for one in identity.requires] == ["rocm==1.0"]
    assert identity.facts is not None
    assert identity.facts.package == "core"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("core.whl", "error: names: is no name of a wheel: "),
        (
            "other-1.0-py3-none-any.whl",
            "error: names: must have the metadata directory other-1.0.dist-info and no other",
        ),
    ],
)
def test_a_wheel_that_does_not_say_who_it_is(name, problem):
    identity, findings = identify(contents(name))

    assert identity is None
    assert told(findings)[0].startswith(problem)


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        (f"{INFO}/WHEEL", b"Wheel-Version: 1.0", b"Wheel-Version: 2.0", "metadata: WHEEL: Wheel-Version must be 1.0"),
        (
            f"{INFO}/WHEEL",
            b"Purelib: false",
            b"Purelib: true",
            "metadata: WHEEL: Root-Is-Purelib must be false; it is true",
        ),
        (
            f"{INFO}/WHEEL",
            b"py3-none-linux_x86_64",
            b"py3-none-any",
            "metadata: WHEEL: has other tags than the file name: py3-none-any",
        ),
        (
            f"{INFO}/METADATA",
            b"Version: 1.0\nReq",
            b"Version: 1.1\nReq",
            "metadata: METADATA: is of rocm-sdk-core 1.1, the file name is not",
        ),
        (
            f"{INFO}/METADATA",
            b"Requires-Dist: rocm==1.0\n",
            b"License-File: COPYING\n",
            "metadata: METADATA: names a licence file that is not there: COPYING",
        ),
        (
            "_rocm_sdk_core/rocm_sdk_core.package.json",
            b'"version": "1.0"',
            b'"version": "2.0"',
            "facts: is of rocm-sdk-core 2.0: _rocm_sdk_core/rocm_sdk_core.package.json",
        ),
    ],
)
def test_what_contradicts_the_file_name(path, old, new, problem):
    _, findings = identify(changed(path, old, new))

    assert told(findings) == [f"error: {problem}"]


def test_a_file_beside_the_wheels_directories():
    _, findings = identify(contents(**{"easy.pth": b"import os"}))

    assert told(findings) == ["error: names: lies outside the wheel's own directories: easy.pth"]


def test_a_wheel_without_metadata():
    _, findings = identify(contents(INFO__METADATA=b""))

    assert told(findings) == [f"error: metadata: has no {INFO}/METADATA"]
