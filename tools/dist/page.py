"""The flat page: a list of links for ``--find-links``, and for people the way to the right command."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from markupsafe import Markup

from tools.dist.choices import Gpu, Release, releases
from tools.dist.listing import ListedFile
from tools.dist.templates import read_template, render
from tools.values import encode_json

UNITS = ("bytes", "kB", "MB", "GB", "TB")  # of 1000, as disks and downloads are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What the page says that no receipt knows."""

    title: str
    gpus: tuple[Gpu, ...]
    url: str = ""  # where the page will be, for readers without JavaScript; empty: they fill it in


def find_links_page(files: Sequence[ListedFile], text: PageText) -> bytes:
    """Return ``index.html``. ``files`` are in the index's order, newest version first."""
    offered = releases(files, text.gpus)
    style, script = read_template("index.css"), read_template("index.js")
    return render(
        "index.html.j2",
        text=text,
        versions=[(heading, list(group)) for heading, group in groupby(files, heading)],
        release=offered[0] if offered else None,
        commands=[row for one in offered if one.version == offered[0].version for row in _static_commands(one)],
        data=_data(files, offered),
        day=_day(files, offered[0].version) if offered else "",
        total_files=len(files),
        total=human_size(sum(file.size for file in files)),
        human_size=human_size,
        style=Markup(style),  # ours, from packaging_specs/templates
        script=Markup(script),
        style_hash=_csp_hash(style),
        script_hash=_csp_hash(script),
    )


def human_size(size: int) -> str:
    """Return a size in bytes for people: three digits that matter, decimal units."""
    value, unit = float(size), UNITS[0]
    for unit in UNITS:
        if value < 999.5 or unit == UNITS[-1]:
            break
        value /= 1000
    return (
        f"{size} bytes" if unit == UNITS[0] else f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"
    )


def heading(file: ListedFile) -> str:
    """Return what files are grouped under: a version of ours, or a project of others and its version."""
    return file.version if file.is_ours else f"{file.distribution} {file.version}"


def _data(files: Sequence[ListedFile], offered: Sequence[Release]) -> Markup:
    """Return what the script reads. ``<`` is escaped: nothing in it can end the element it stands in."""
    sizes = {file.filename: (file.size, file.installed_size) for file in files}
    values = {"releases": [_compact(release) for release in offered], "sizes": sizes, "products": _products(files)}
    text = encode_json(values).decode().rstrip("\n")
    return Markup(text.replace("<", "\\u003c"))


def _products(files: Sequence[ListedFile]) -> list[dict[str, object]]:
    """Return the projects of others with their versions, newest first, for the picker."""
    versions: dict[str, dict[str, None]] = {}
    names: dict[str, str] = {}
    for file in files:
        if not file.is_ours and file.yanked is False:
            versions.setdefault(file.project, {})[file.version] = None
            names.setdefault(file.project, file.distribution)
    return [{"name": names[project], "versions": list(found)} for project, found in sorted(versions.items())]


def _compact(release: Release) -> dict[str, object]:
    """Return the release with each set of parts once: the GPUs of a family have the same."""
    parts = list(dict.fromkeys(choice.parts for choice in release.choices))
    choices = [
        {
            "target": choice.target,
            "product": choice.product,
            "family": choice.family,
            "words": choice.words,
            "parts": parts.index(choice.parts),
        }
        for choice in release.choices
    ]
    return {
        "version": release.version,
        "system": release.system,
        "meta": release.meta,
        "files": release.files,
        "parts": parts,
        "choices": choices,
    }


def _static_commands(release: Release) -> list[tuple[str, list[str], str]]:
    """Return for each family its name, its GPUs and what to install, for readers without JavaScript."""
    rows = []
    for family, group in groupby(sorted(release.choices, key=lambda choice: choice.family), lambda one: one.family):
        choices = list(group)
        parts = [part for part in choices[0].parts if part.package in ("libraries", "devel")]
        names = [extra for part in parts for extra in part.extras]
        if release.meta:
            what = (
                f"{release.meta}[{','.join(names)}]=={release.version}"
                if names
                else f"{release.meta}=={release.version}"
            )
        else:
            what = " ".join(f"{name}=={release.version}" for part in choices[0].parts for name in part.distributions)
        title = f"{release.system}: {family}" if release.system else family
        rows.append((title, [f"{choice.product} ({choice.target})" for choice in choices], what))
    return rows


def _day(files: Sequence[ListedFile], version: str) -> str:
    """Return the day a version came: of its upload, else the one its number carries (a20260811)."""
    if times := [file.upload_time for file in files if file.version == version and file.upload_time]:
        return max(times)[:10]
    if digits := re.search(r"(?<!\d)20\d\d[01]\d[0-3]\d(?!\d)", version):
        with suppress(ValueError):  # the 31st of February: just a number
            return date.fromisoformat(digits[0]).isoformat()
    return ""


def _csp_hash(text: str) -> str:
    """Return the source expression that allows exactly this inline text (CSP level 2)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
