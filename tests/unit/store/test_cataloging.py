"""A catalog out of the store, or made and put there."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from tests.support.artifacts import write_artifact
from tools.artifact.source import LocalSource
from tools.catalog.scan import CatalogRequest
from tools.catalog.signatures import is_current
from tools.sample.archives import make_archive
from tools.store.cataloging import StoredCatalogRequest, take_or_catalog
from tools.workers.context import make_context

NAME = "rand_lib_generic"


@pytest.fixture
def archive(tmp_path) -> Path:
    write_artifact(tmp_path / "directories", NAME, {"lib/a.txt": b"text"})
    archive = tmp_path / "archives" / f"{NAME}.tar.zst"
    archive.parent.mkdir()
    make_archive(tmp_path / "directories" / NAME, archive)
    return archive


def request_of(machine: Path, archive: Path) -> StoredCatalogRequest:
    request = CatalogRequest(
        artifacts=LocalSource(archive.parent, machine / "tars"),
        artifact=NAME,
        catalog=machine / "catalog.json",
        signatures=machine / "signatures",
    )
    return StoredCatalogRequest(store=str(archive.parents[1] / "store"), request=request)


def test_what_one_machine_cataloged_another_takes_without_a_look(archive, tmp_path):
    one, two = request_of(tmp_path / "one", archive), request_of(tmp_path / "two", archive)
    assert take_or_catalog(one, make_context()) == {}

    assert take_or_catalog(two, make_context()) == {"taken": True}

    assert two.request.catalog.read_bytes() == one.request.catalog.read_bytes()
    assert is_current(two.request.artifacts.open(NAME), two.request.signatures)
    assert not (tmp_path / "two" / "tars").exists()


def test_an_archive_of_other_bytes_is_cataloged(archive, tmp_path):
    take_or_catalog(request_of(tmp_path / "one", archive), make_context())
    write_artifact(tmp_path / "directories", NAME, {"lib/b.txt": b"text"})
    make_archive(tmp_path / "directories" / NAME, archive)

    assert take_or_catalog(request_of(tmp_path / "two", archive), make_context()) == {}


def test_a_catalog_from_before_the_store_goes_there_without_a_look(archive, tmp_path):
    one = request_of(tmp_path / "one", archive)
    take_or_catalog(one, make_context())
    for gone in (tmp_path / "store", tmp_path / "one" / "tars"):
        shutil.rmtree(gone)

    assert take_or_catalog(one, make_context()) == {}

    assert not (tmp_path / "one" / "tars").exists()
    assert take_or_catalog(request_of(tmp_path / "two", archive), make_context()) == {"taken": True}


def test_what_is_known_by_its_bytes_alone_is_not_stored(archive, tmp_path):
    archive.with_name(archive.name + ".sha256sum").unlink()

    assert take_or_catalog(request_of(tmp_path / "one", archive), make_context()) == {"unverified": str(archive)}
    assert not (tmp_path / "store").exists()


def test_a_request_goes_to_another_process(archive, tmp_path):
    request = request_of(tmp_path / "one", archive)

    assert pickle.loads(pickle.dumps(request)) == request
