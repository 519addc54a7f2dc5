"""A wheel of another project in the build."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from tools.errors import UserError
from tools.receipt import Receipt
from tools.values import read_json
from tools.wheel.carried import CarryRequest, carry_wheel

METADATA = "Metadata-Version: 2.1\nName: foreign\nVersion: 0.3.0\nRequires-Python: >=3.10\n"


def request(folder: Path, sha256: str | None = None) -> CarryRequest:
    source = folder / "foreign-0.3.0-py3-none-any.whl"
    return CarryRequest(
        source=source,
        sha256=sha256 or hashlib.sha256(source.read_bytes()).hexdigest(),
        package="bootstrap",
        distribution="foreign",
        version="0.3.0",
        directory=folder / "out",
        receipt=folder / "out" / "receipt.json",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "foreign-0.3.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("foreign-0.3.0.dist-info/METADATA", METADATA)
    return tmp_path


def test_the_bytes_are_those_that_were_published(folder):
    carry_wheel(request(folder))

    name = "foreign-0.3.0-py3-none-any.whl"
    assert (folder / "out" / name).read_bytes() == (folder / name).read_bytes()


def test_the_receipt_repeats_its_metadata(folder):
    carry_wheel(request(folder))

    receipt = read_json(folder / "out" / "receipt.json", Receipt)
    assert (receipt.metadata, receipt.requires_python) == (METADATA, ">=3.10")


def test_another_file_than_the_pinned_one_is_refused(folder):
    pinned = "0" * 64
    with pytest.raises(UserError) as caught:
        carry_wheel(request(folder, pinned))

    source = folder / "foreign-0.3.0-py3-none-any.whl"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert str(caught.value) == f"{source}: has sha256 {digest}, but the spec pins {pinned}; remove it and run again"
    assert not (folder / "out").exists()


def test_a_file_that_is_no_wheel_is_refused(folder):
    source = folder / "foreign-0.3.0-py3-none-any.whl"
    source.write_bytes(b"no zip")

    with pytest.raises(UserError) as caught:
        carry_wheel(request(folder))

    assert str(caught.value) == f"{source}: is not a wheel with METADATA; pin another one in the spec"
