"""What tests of the catalog step share."""

from __future__ import annotations

from pathlib import Path

from tools.artifact.model import Artifact
from tools.catalog.scan import CatalogRequest
from tools.workers.context import make_context

CONTEXT = make_context()  # of this process


def artifact_of(request: CatalogRequest) -> Artifact:
    """Return the artifact of a request."""
    return request.artifacts.open(request.artifact)


def directory_of(request: CatalogRequest) -> Path:
    """Return where the artifact of a request lies."""
    return Path(artifact_of(request).place)
