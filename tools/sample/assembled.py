"""A sample is put together alike for each system: what code makes of each family, and texts out of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from tools.sample.embedded.nodes import Bytes, text

N = TypeVar("N")
# ``<artifact>_<component>/<base dir>/<path>`` and what is there
Rows: TypeAlias = Iterable[tuple[str, N]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Generic[N]):
    """What the sample of one system is made of."""

    base_dirs: Mapping[str, tuple[str, ...]]  # artifact -> its; not every component has all of them
    generic: Callable[[bool], Rows[N]]  # given whether the layout is kpack-split
    family: Callable[[str], Rows[N]]  # given a target family
    device: Callable[[str], Rows[N]]  # given a target
    texts: Path  # a folder; "#!" makes a file executable


def assembled(artifacts: Iterable[str], layout: str, parts: Parts[N]) -> dict[str, N | Bytes]:
    """Return the paths of the artifacts of ``layout``, below the directory that holds them."""
    is_split, nodes, made = layout == "kpack-split", dict[str, N | Bytes](), dict[str, dict[str, N]]()
    for artifact in artifacts:
        part, _, family = artifact.rpartition("_")
        if family not in made:
            made[family] = dict(_made(family, is_split, parts))
        mine: dict[str, N | Bytes] = {path: node for path, node in made[family].items() if path.startswith(f"{part}/")}
        if family == "generic" or not is_split:
            mine |= _texts(parts.texts, part)
        nodes |= {f"{artifact}{path.removeprefix(part)}": node for path, node in sorted(mine.items())}
        base_dirs = "".join(f"{base_dir}\n" for base_dir in parts.base_dirs[part.partition("_")[0]])
        nodes[f"{artifact}/artifact_manifest.txt"] = text(base_dirs)
    return nodes


def _made(family: str, is_split: bool, parts: Parts[N]) -> Iterator[tuple[str, N]]:
    """Yield all that ``family`` has, texts apart."""
    if family == "generic":
        yield from parts.generic(is_split)
        yield from parts.family(family) if is_split else ()
    else:
        yield from parts.device(family) if is_split else parts.family(family)


def _texts(folder: Path, part: str) -> dict[str, Bytes]:
    files = (path for path in sorted((folder / part).rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): _text(path.read_bytes()) for path in files}


def _text(content: bytes) -> Bytes:
    return Bytes(content, 0o755 if content.startswith(b"#!") else 0o644)
