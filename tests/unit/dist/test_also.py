from __future__ import annotations

import hashlib
import zipfile

import pytest

from tests.support.foreign import make_foreign
from tests.support.wheel_sets import make_sdist
from tools.dist.also import AlsoRequest, take_also
from tools.dist.listing import ALSO
from tools.dist.offers import Offers, OffersRequest, check_offers
from tools.errors import UserError
from tools.receipt import Receipt
from tools.values import read_json

OFFERS = Offers(versions={"rocm": "10.1.0", "rocm-sdk-core": "10.1.0"}, extras=frozenset({"devel", "libraries"}))


def request(tmp_path, place, **changes) -> AlsoRequest:
    directory = tmp_path / "build" / place.name
    fields = {"source": place, "url": "", "sha256": "", "filename": place.name}
    return AlsoRequest(**{**fields, **changes}, directory=directory, receipt=directory / "receipt.json")


def take(tmp_path, place, **changes) -> Receipt:
    asked = request(tmp_path, place, **changes)
    take_also(asked)
    return read_json(asked.receipt, Receipt)


def refusal(tmp_path, place, **changes) -> str:
    with pytest.raises(UserError) as caught:
        take_also(request(tmp_path, place, **changes))
    return str(caught.value)


def theirs(tmp_path, **options):
    return make_foreign(tmp_path / "theirs", "torchlike", "2.9.0", {"torchlike/a.txt": b"text" * 100}, **options)


def test_a_sound_wheel_is_taken_as_it_is(tmp_path):
    wheel = theirs(tmp_path, requires=("rocm[libraries]==10.1.0",))

    receipt = take(tmp_path, wheel)

    assert (receipt.package, receipt.distribution, receipt.version) == (ALSO, "torchlike", "2.9.0")
    assert receipt.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert "Requires-Dist: rocm[libraries]==10.1.0" in receipt.metadata
    assert (tmp_path / "build" / wheel.name / wheel.name).read_bytes() == wheel.read_bytes()


def test_a_sound_sdist_is_taken_as_it_is(tmp_path):
    sdist = make_sdist(tmp_path / "theirs", version="1.0", families=()).parent / "rocm-1.0.tar.gz"

    assert take(tmp_path, sdist).distribution == "rocm"


def test_a_download_with_the_right_digest_is_taken(tmp_path):
    wheel = theirs(tmp_path)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()

    receipt = take(tmp_path, wheel, source=None, url=wheel.as_uri(), sha256=digest)

    assert receipt.sha256 == digest


def test_a_download_with_another_digest_is_refused(tmp_path):
    wheel = theirs(tmp_path)

    assert refusal(tmp_path, wheel, source=None, url=wheel.as_uri(), sha256="0" * 64) == (
        f"also: {wheel.as_uri()}: has sha256 {hashlib.sha256(wheel.read_bytes()).hexdigest()}, not {'0' * 64}"
    )


def test_what_cannot_be_downloaded_is_named(tmp_path):
    url = (tmp_path / "none-1.0-py3-none-any.whl").as_uri()

    assert refusal(tmp_path, tmp_path / "none-1.0-py3-none-any.whl", source=None, url=url).startswith(
        f"also: {url}: cannot be downloaded: "
    )


def test_a_damaged_member_is_named(tmp_path):
    wheel = theirs(tmp_path)
    content = bytearray(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as archive:
        row = archive.getinfo("torchlike/a.txt")
    content[row.header_offset + 30 + len(row.filename) + 3] ^= 0xFF
    wheel.write_bytes(content)

    assert refusal(tmp_path, wheel).startswith(f"also: {wheel}: is no sound archive: ")


@pytest.mark.parametrize("name", ["cut-1.0-py3-none-any.whl", "cut-1.0.tar.gz"])
def test_what_is_no_archive_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK")

    assert refusal(tmp_path, tmp_path / name).startswith(f"also: {tmp_path / name}: is no sound archive: ")


def test_metadata_of_another_version_than_the_name_is_refused(tmp_path):
    wheel = theirs(tmp_path)
    other = wheel.rename(wheel.with_name(wheel.name.replace("2.9.0", "2.9.1")))

    assert refusal(tmp_path, other) == (
        f"also: {other}: is no sound archive: it must have one torchlike-2.9.1.dist-info/METADATA"
    )


def test_a_requirement_that_is_none_is_named(tmp_path):
    wheel = theirs(tmp_path, requires=("rocm ==== 1",))

    assert refusal(tmp_path, wheel) == (
        f"also: {wheel}: Requires-Dist: 'rocm ==== 1' is no requirement as PEP 508 defines it"
    )


def test_a_marker_that_nobody_can_evaluate_is_named(tmp_path):
    line = 'rocm-sdk-core; python_version ~= "x"'
    wheel = theirs(tmp_path, requires=(line,))

    assert refusal(tmp_path, wheel) == (
        f"also: {wheel}: Requires-Dist: {line!r} has a marker that no installer can evaluate"
    )


def test_an_encrypted_wheel_is_refused(tmp_path):
    wheel = theirs(tmp_path)
    content = bytearray(wheel.read_bytes())
    content[content.rindex(b"PK\1\2") + 8] |= 1  # a flag of the member that is last in the archive's directory
    wheel.write_bytes(content)

    said = refusal(tmp_path, wheel)

    assert said.startswith(f"also: {wheel}: is no sound archive: ")
    assert "encrypted" in said


def test_links_in_a_circle_are_refused(tmp_path):
    wheel = tmp_path / "circle-1.0-py3-none-any.whl"
    wheel.symlink_to(wheel.name)

    assert refusal(tmp_path, wheel) == f"also: {wheel}: is no regular file"


@pytest.mark.parametrize(
    ("requirement", "problem"),
    [
        ("rocm==10.2.0", "this dist has 10.1.0"),
        ("rocm-sdk-none", "this dist has no such distribution"),
        ("rocm[libs]", "this dist has no extra libs; it has devel, libraries"),
        ('rocm==9; python_version < "3.10"', "this dist has 10.1.0"),
    ],
)
def test_a_requirement_on_rocm_that_the_dist_does_not_meet_is_refused(tmp_path, requirement, problem):
    wheel = theirs(tmp_path, requires=(requirement,))
    take(tmp_path, wheel)
    receipt = request(tmp_path, wheel).receipt

    with pytest.raises(UserError) as caught:
        check_offers(OffersRequest(receipts=(receipt,), offers=OFFERS, report=tmp_path / "set.json"))

    said = str(caught.value)
    assert said.startswith(f"also: {wheel.name} requires rocm")
    assert said.endswith(f": {problem}")


@pytest.mark.parametrize(
    "requirement",
    ["rocm", "rocm[devel,libraries]>=10", "numpy", 'rocm==9; sys_platform == "win32"', "ROCm_SDK.core==10.1.0"],
)
def test_a_requirement_that_is_met_or_none_of_ours_is_taken(tmp_path, requirement):
    wheel = theirs(tmp_path, requires=(requirement,))
    take(tmp_path, wheel)

    check_offers(OffersRequest(receipts=(request(tmp_path, wheel).receipt,), offers=OFFERS, report=tmp_path / "set"))

    assert (tmp_path / "set").exists()
