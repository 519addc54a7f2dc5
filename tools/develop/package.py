"""What installing a wheel puts into an environment, from its plan or from the wheel: items, metadata, scripts."""

from __future__ import annotations

import configparser
import json
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from tools.develop.environment import Environment
from tools.develop.model import Item, Package
from tools.naming import DIST_INFO, import_name, platform_package
from tools.plan.model import WheelPlan
from tools.wheel.metadata import metadata_of, requires_python
from tools.wheel.payload import payload_of

INSTALLER = b"rules-rocm-wheels\n"  # who installed it (PEP 376)
REQUESTED = "REQUESTED"
ENTRY_POINTS = "entry_points.txt"
LINKS = ".links.json"  # the table of a devel tree, beside the facts of its package


def planned_package(
    plan: WheelPlan, place: Path, folder: Path, environment: Environment, *, requested: bool
) -> Package:
    """Return what the wheel of a plan, which lies at ``place``, puts into an environment.

    ``folder`` is what its direct_url.json names, ``requested`` says whether somebody asked for it by name.

    :raises UserError: when the plan makes no sense.
    """
    payloads = (payload_of(member, "") for member in plan.members)
    items = {
        one.path: Item(one.path, one.member.mode == 0o755, one.key, one.size, one.member, one.content)
        for one in payloads
    }
    return _package(
        plan.distribution,
        plan.version,
        plan.dist_info,
        metadata_of(plan, place),
        items,
        tree=_tree(plan),
        added=_added(plan.dist_info, folder, environment, items, requested=requested),
    )


def built_package(plan: WheelPlan, wheel: Path, folder: Path, environment: Environment, *, requested: bool) -> Package:
    """Return what a wheel, built from the sdist of a plan, puts into an environment."""
    with zipfile.ZipFile(wheel) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        items = {
            info.filename: _text(info.filename, archive.read(info), executable=bool(info.external_attr >> 16 & 0o111))
            for info in infos
            if not info.filename.endswith(f"{DIST_INFO}/RECORD")
        }
    dist_info = next(path.partition("/")[0] for path in items if path.endswith(f"{DIST_INFO}/METADATA"))
    metadata = (items[f"{dist_info}/METADATA"].content or b"").decode()
    added = _added(dist_info, folder, environment, items, requested=requested)
    return _package(plan.distribution, plan.version, dist_info, metadata, items, tree="", added=added)


def _package(
    distribution: str,
    version: str,
    dist_info: str,
    metadata: str,
    items: dict[str, Item],
    *,
    tree: str,
    added: Iterable[Item],
) -> Package:
    return Package(
        distribution=distribution,
        version=version,
        dist_info=dist_info,
        requires_python=requires_python(metadata),
        items=items | {item.path: item for item in added},
        tree=tree,
    )


def _added(
    dist_info: str, folder: Path, environment: Environment, items: dict[str, Item], *, requested: bool
) -> Iterator[Item]:
    """Yield what installers add to the files of a wheel."""
    yield _text(f"{dist_info}/INSTALLER", INSTALLER)
    yield _text(f"{dist_info}/direct_url.json", direct_url(folder))
    if requested:
        yield _text(f"{dist_info}/{REQUESTED}", b"")
    if entry_points := items.get(f"{dist_info}/{ENTRY_POINTS}"):
        yield from _scripts((entry_points.content or b"").decode(), environment)


def direct_url(folder: Path) -> bytes:
    """Return direct_url.json of an editable installation (PEP 610).

    pip and uv take packages of one URL for one, so that each has a folder of its own.
    """
    return json.dumps({"dir_info": {"editable": True}, "url": folder.as_uri()}, sort_keys=True).encode()


def _scripts(entry_points: str, environment: Environment) -> Iterator[Item]:
    from installer.scripts import Script

    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names keep their capitals
    parser.read_string(entry_points)
    for name, target in parser["console_scripts"].items() if "console_scripts" in parser else ():
        module, _, attribute = target.partition(":")
        script = Script(name, module.strip(), attribute.strip(), "console")
        filename, content = script.generate(str(environment.python), "posix")
        yield _text(f"{environment.to_scripts}/{filename}", content, executable=True)


def _text(path: str, content: bytes, *, executable: bool = False) -> Item:
    return Item(path, executable, sha256(content).hexdigest(), len(content), None, content)


def _tree(plan: WheelPlan) -> str:
    """Return the directory that a table of links makes the root of a devel tree: that of the devel package itself."""
    directory = platform_package(plan.distribution)
    table = f"{directory}/{import_name(plan.distribution)}{LINKS}"
    return directory if plan.package == "devel" and any(member.path == table for member in plan.members) else ""
