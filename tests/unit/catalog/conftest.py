from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

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
        directory = tmp_path / "artifacts" / "rand_lib_generic"
        directory.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            place = directory / BASE / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                place.mkdir()
            elif isinstance(content, str) and content.startswith("->"):
                place.symlink_to(content.removeprefix("->"))
            else:
                place.write_bytes(content.encode() if isinstance(content, str) else content)
        (directory / "artifact_manifest.txt").write_text(manifest, encoding="utf-8")
        return CatalogRequest(
            artifacts=LocalSource(directory.parent),
            artifact=directory.name,
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
