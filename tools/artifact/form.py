"""The forms of archive that an artifact may have, told by the end of the name."""

from __future__ import annotations

FORMS = (".tar.zst", ".tar.xz", ".tar")
SIDECAR = ".sha256sum"  # behind the archive's whole name


def form_of(name: str) -> str | None:
    """Return which of FORMS the file of this name has; None for anything else, a sidecar too."""
    return next((form for form in FORMS if name.endswith(form) and name != form), None)


def artifact_of(name: str) -> str:
    """Return the artifact's name, which is the archive's without its form."""
    return name.removesuffix(form_of(name) or "")
