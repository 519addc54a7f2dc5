"""Small plans with their sources, and wheels made of them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import deflate

from tests.support.contracts import plan_of, text
from tools.artifact.source import LocalSource, Spans
from tools.plan.model import Member
from tools.values import write_json
from tools.wheel.build import WheelRequest, build_wheel
from tools.wheel.sdist import SdistRequest, build_sdist
from tools.wheel.sizes import STANDARD
from tools.workers.context import make_context
from tools.workers.limits import Limits
from tools.workers.progress import Counts


class Project:
    """Artifacts in ``tmp_path`` and the wheels built of them, each in a directory of its own."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.context = make_context(Limits(threads=2))
        self.sizes = STANDARD
        self.artifacts = LocalSource(tmp_path / "artifacts")
        self.root = self.artifacts.directory / "demo_lib_generic"  # the only artifact
        self.root.mkdir(parents=True)

    @property
    def spans(self) -> Spans:
        """Where the sources are."""
        return Spans(self.artifacts)

    def source(self, name: str, content: bytes, path: str | None = None, **fields: Any) -> Member:
        """Write a source and return the member that copies it."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        facts = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "crc32": deflate.crc32(content)}
        member = {"path": path or f"_demo/{name}", "kind": "copy", "mode": 0o644}
        member["source"] = f"{self.root.name}/{name}"
        return Member(**{**member, **facts, **fields})

    def plan(self, *members: Member, version: str = "1.0", name: str = "demo") -> Path:
        """Write the plan of a wheel with these members and the metadata that every wheel has."""
        info = f"{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\n"
        wheel = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: py3-none-any\n"
        every = [*members, text(f"{info}/METADATA", metadata), text(f"{info}/WHEEL", wheel)]
        members = tuple(sorted(every, key=lambda member: member.path))
        plan = plan_of(*members, package=name, distribution=name, version=version, tag="py3-none-any")
        path = self.tmp_path / "plans" / f"{name}.json"
        write_json(path, plan)
        return path

    def request(self, plan: Path, *, level: int = 5, reuse: tuple[Path, ...] = ()) -> WheelRequest:
        """Return the request to build a plan."""
        directory = self.tmp_path / "wheels" / plan.stem
        return WheelRequest(
            plan=plan,
            artifacts=self.artifacts,
            directory=directory,
            receipt=directory / "receipt.json",
            level=level,
            sizes=self.sizes,
            reuse=reuse,
        )

    def forget(self, **limits: int) -> None:
        """Go on as another process would that knows nothing yet and has these limits."""
        self.context = make_context(Limits(**{"threads": 2, **limits}))

    def counts(self) -> Counts:
        """Return what was done since the last :meth:`forget`."""
        return self.context.progress.counts()

    def receipt(self, name: str = "demo") -> Path:
        """Return where the receipt of a wheel is."""
        return self.tmp_path / "wheels" / name / "receipt.json"

    def build(
        self,
        *members: Member,
        version: str = "1.0",
        name: str = "demo",
        level: int = 5,
        reuse: tuple[Path, ...] = (),
    ) -> Path:
        """Build a wheel and return it."""
        plan = self.plan(*members, version=version, name=name)
        request = self.request(plan, level=level, reuse=reuse)
        build_wheel(request, self.context)
        return request.directory / f"{name}-{version}-py3-none-any.whl"

    def sdist_plan(self, *members: Member, version: str = "1.0") -> Path:
        """Write the plan of an sdist of these members alone."""
        plan = plan_of(
            *members,
            package="meta",
            distribution="demo",
            version=version,
            filename=f"demo-{version}.tar.gz",
            dist_info="",
        )
        path = self.tmp_path / "plans" / "sdist.json"
        write_json(path, plan)
        return path

    def build_sdist(self, *members: Member, version: str = "1.0") -> Path:
        """Build an sdist and return it."""
        plan, directory = self.sdist_plan(*members, version=version), self.tmp_path / "sdist"
        build_sdist(SdistRequest(plan=plan, directory=directory, receipt=directory / "receipt.json"), self.context)
        return directory / f"demo-{version}.tar.gz"


def contents(wheel: Path) -> dict[str, bytes]:
    """Return what Python's zipfile reads, CRC checked; without the dist-info directory."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


def rows(receipt: Path) -> dict[str, list[Any]]:
    """Return the rows of a receipt by path."""
    return {row[0]: row for row in json.loads(receipt.read_bytes())["members"]}


def names(directory: Path) -> list[str]:
    """Return what lies in a directory."""
    return sorted(file.name for file in directory.iterdir())
