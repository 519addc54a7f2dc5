"""The flat page: a list of links for ``--find-links``, and for people the way to the right command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from tools.dist.choices import Gpu, releases
from tools.dist.listing import ListedFile
from tools.dist.picker import ADDRESS, IndexView, picker
from tools.dist.templates import render
from tools.text import size_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What the page says that no receipt knows."""

    title: str
    gpus: tuple[Gpu, ...]
    url: str = ""  # where the page will be, for readers without JavaScript; empty: they fill it in


def find_links_page(files: Sequence[ListedFile], text: PageText) -> bytes:
    """Return ``index.html``. ``files`` are in the index's order, newest version first."""
    offered = releases(files, text.gpus)
    return render(
        "index.html.j2",
        title=text.title,
        versions=[(heading, list(group)) for heading, group in groupby(files, heading)],
        release=offered[0] if offered else None,
        day=day_of(files, offered[0].version) if offered else "",
        total_files=len(files),
        total=size_text(sum(file.size for file in files)),
        size_text=size_text,
        **picker([IndexView(files=files, releases=offered, address=text.url or ADDRESS)]),
    )


def heading(file: ListedFile) -> str:
    """Return what files are grouped under: a version of ours, or a project of others and its version."""
    return file.version if file.is_ours else f"{file.distribution} {file.version}"


def day_of(files: Sequence[ListedFile], version: str) -> str:
    """Return the day a version came: of its upload, else the one its number carries (a20260811)."""
    if times := [file.upload_time for file in files if file.version == version and file.upload_time]:
        return max(times)[:10]
    if digits := re.search(r"(?<!\d)20\d\d[01]\d[0-3]\d(?!\d)", version):
        with suppress(ValueError):  # the 31st of February: just a number
            return date.fromisoformat(digits[0]).isoformat()
    return ""
