"""The file version in the resources of a PE file, as Explorer shows it."""

from __future__ import annotations

from tools.pe.image import RESOURCE, Image, damaged

_VERSION = 16  # RT_VERSION
_DIRECTORY = 1 << 31  # of an entry: it leads to a directory, not to data
_ENTRIES_LIMIT = 1 << 12  # of one directory
_FIXED = 40  # offset of VS_FIXEDFILEINFO in VS_VERSIONINFO: header, "VS_VERSION_INFO" in UTF-16, padding
_MAGIC = 0xFEEF04BD  # dwSignature


def file_version(image: Image) -> str | None:
    """Return the version of the file, "7.14.60850.0", or None when it has none."""
    root, _ = image.directory(RESOURCE)
    entry = _entry(image, root, 0, _VERSION) if root else None
    depth = 0
    while entry is not None and entry & _DIRECTORY and depth < 2:  # type, name, language
        entry, depth = _entry(image, root, entry & ~_DIRECTORY, None), depth + 1
    if entry is None:
        return None
    if entry & _DIRECTORY:
        raise damaged("its resources are nested too deep")
    address, size = image.unpack_at("<II", root + entry)
    if size < _FIXED + 16:
        return None
    magic, high, low = image.unpack_at("<I4xII", address + _FIXED)
    if magic != _MAGIC:
        return None
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _entry(image: Image, root: int, directory: int, wanted: int | None) -> int | None:
    """Return where the entry ``wanted``, or the first one, of a resource directory leads."""
    named, numbered = image.unpack_at("<12xHH", root + directory)
    if named + numbered > _ENTRIES_LIMIT:
        raise damaged(f"a directory of its resources has {named + numbered} entries")
    for n in range(named + numbered):
        number, offset = image.unpack_at("<II", root + directory + 16 + 8 * n)
        if wanted is None or number == wanted:
            return int(offset)
    return None
