from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.artifacts import write_artifact
from tests.support.catalogs import CONTEXT
from tools.artifact.source import LocalSource
from tools.catalog.model import Catalog
from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.values import read_json

BASE = "math-libs/rand/stage"

MakeArtifact = Callable[..., CatalogRequest]


@pytest.fixture
def artifact(tmp_path: Path) -> MakeArtifact:
    """Return a function that makes an artifact from path -> content ("->target" is a link, None a directory)."""

    def make(files: Mapping[str, str | bytes | None], manifest: str = f"{BASE}\n") -> CatalogRequest:
        root, name = tmp_path / "artifacts", "rand_lib_generic"
        write_artifact(root, name, files, BASE, manifest=manifest)
        return CatalogRequest(
            artifacts=LocalSource(root),
            artifact=name,
            catalog=tmp_path / "catalog.json",
            signatures=tmp_path / "catalog.signatures",
        )

    return make


@pytest.fixture
def cataloged() -> Callable[[CatalogRequest], Catalog]:
    """Return a function that catalogs an artifact and reads what was written."""

    def run(request: CatalogRequest) -> Catalog:
        catalog_artifact(request, CONTEXT)
        return read_json(request.catalog, Catalog)

    return run
