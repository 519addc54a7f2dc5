"""The artifact that every build of ROCm has, and the two small files in it that say what all artifacts are of."""

from __future__ import annotations

BASE = "base_lib_generic"
VERSION = ".info/version"  # both in one of its base dirs
MANIFEST = "share/therock/therock_manifest.json"
TEXTS = (VERSION, MANIFEST)
LARGEST = 1 << 20  # bytes of such a file; TheRock's manifests have some 20 KB
