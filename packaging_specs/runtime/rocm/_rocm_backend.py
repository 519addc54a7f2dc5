"""PEP 517 backend of the ``rocm`` sdist: a pure-Python wheel whose extras fit the GPU of this machine."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from rocm_sdk import _family, _gpus
from rocm_sdk._facts import Facts, facts

HERE = Path(__file__).resolve().parent
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # oldest date that a zip can hold (APPNOTE 4.4.6)
ENTRY_POINTS = (
    "[console_scripts]\nrocm-sdk = rocm_sdk.__main__:main\n\n"
    "[pyinstaller40]\nhook-dirs = rocm_sdk._pyinstaller:get_hook_dirs\n"  # for programs that are frozen
)
WHEEL = "Wheel-Version: 1.0\nGenerator: rocm\nRoot-Is-Purelib: false\nTag: py3-none-any\n"
RENDERED = ("dynamic", "provides-extra", "requires-dist")  # header fields that depend on the machine

Settings = Mapping[str, object]


def get_requires_for_build_wheel(config_settings: Settings | None = None) -> list[str]:
    """Return AMD's GPU detection if the GPU decides and the distribution directory is known to have it."""
    _chosen()  # a wrong variable is reported before anything is downloaded
    build = facts()
    decides = len(build.families) > 1 and not os.environ.get(_family.VARIABLE)
    return [build.bootstrap] if decides and build.bootstrap else []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings | None = None) -> str:
    """Write the wheel's ``.dist-info`` and return its name."""
    name = _dist_info(facts())
    for path, content in _dist_info_files(facts()):
        file = Path(metadata_directory, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return name


def build_wheel(
    wheel_directory: str, config_settings: Settings | None = None, metadata_directory: str | None = None
) -> str:
    """Write the wheel and return its file name. Equal sources and choices give equal bytes.

    What an earlier call wrote to ``metadata_directory`` holds, as PEP 517 demands.
    """
    build = facts()
    members = [*_source_files(), *_dist_info_files(build)]
    if metadata_directory is not None:
        prepared = Path(metadata_directory, "METADATA").read_bytes()
        members = [(path, prepared if path.endswith("/METADATA") else content) for path, content in members]
    name = f"rocm-{build.version}-py3-none-any.whl"
    record = f"{_dist_info(build)}/RECORD"
    rows = "".join(_record_row(path, content) for path, content in members) + f"{record},,\n"
    with zipfile.ZipFile(Path(wheel_directory, name), "w") as archive:
        for path, content in [*members, (record, rows.encode())]:
            archive.writestr(_member(path), content)
    return name


def metadata(build: Facts, package_info: str, choice: _family.Choice) -> str:
    """Return the wheel's METADATA: PKG-INFO with the requirements and extras that ``choice`` gives."""
    headers, separator, body = package_info.partition("\n\n")
    fields = re.split(r"\n(?![ \t])", headers.rstrip("\n"))  # a continuation line starts with white space
    kept = [field for field in fields if field.partition(":")[0].strip().lower() not in RENDERED]
    rendered = [f"Requires-Dist: {requirement}" for requirement in build.requires]
    for extra, requirements in sorted(_offered(build, choice).items()):
        rendered.append(f"Provides-Extra: {extra}")
        rendered += [f"Requires-Dist: {_with_extra(requirement, extra)}" for requirement in requirements]
    return "\n".join([*kept, *rendered]) + "\n" + ("\n" + body if separator else "")


def _offered(build: Facts, choice: _family.Choice) -> dict[str, list[str]]:
    offered = {extra: list(requirements) for extra, requirements in build.extras.items()}
    for extra, by_family in build.chosen_extras.items():
        chosen = [requirement for family in choice.families for requirement in by_family.get(family, ())]
        if chosen:
            offered[extra] = list(dict.fromkeys(chosen))
    return offered


def _with_extra(requirement: str, extra: str) -> str:
    requirement, _, marker = (part.strip() for part in requirement.partition(";"))
    condition = f'extra == "{extra}"'
    return f"{requirement} ; ({marker}) and {condition}" if marker else f"{requirement} ; {condition}"


def _chosen() -> _family.Choice:
    try:
        choice = _family.choose(os.environ, _gpus.gpu_targets, facts())
    except _family.UnknownFamily as error:
        raise SystemExit(f"error: {error}") from None  # a sentence; pip and uv show it without a traceback
    _gpus.talk(f"family: {', '.join(choice.families) or 'none'} ({choice.reason})")
    return choice


def _dist_info(build: Facts) -> str:
    return f"rocm-{build.version}.dist-info"


def _dist_info_files(build: Facts) -> Iterator[tuple[str, bytes]]:
    directory = _dist_info(build)
    package_info = (HERE / "PKG-INFO").read_text("utf-8")
    yield f"{directory}/METADATA", metadata(build, package_info, _chosen()).encode()
    yield f"{directory}/WHEEL", WHEEL.encode()
    yield f"{directory}/entry_points.txt", ENTRY_POINTS.encode()
    for licence in re.findall(r"^License-File: *(.+)$", package_info.partition("\n\n")[0], re.MULTILINE):
        yield f"{directory}/licenses/{licence}", (HERE / licence).read_bytes()  # PEP 639


def _source_files() -> Iterator[tuple[str, bytes]]:
    for file in sorted((HERE / "rocm_sdk").rglob("*")):
        path = file.relative_to(HERE)
        if file.is_file() and "__pycache__" not in path.parts:
            yield path.as_posix(), file.read_bytes()


def _member(path: str) -> zipfile.ZipInfo:
    """Stored, not deflated: other versions of zlib would give other bytes."""
    member = zipfile.ZipInfo(path, ZIP_EPOCH)
    member.create_system = 3  # Unix, whatever builds it (APPNOTE 4.4.2)
    member.external_attr = 0o100644 << 16
    return member


def _record_row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"
