"""Very large members and very many: ZIP64 for real, in bounded memory."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import deflate
import pytest

from tests.support.contracts import text
from tests.support.project import Project, names
from tools.plan.model import Member

BIG = (4 << 30) + 12_345  # bytes
MEMORY = """
import sys, threading, time
from pathlib import Path
from tools.artifact.source import LocalSource
from tools.wheel.build import WheelRequest, build_wheel
from tools.workers.context import make_context
peak = 0
def watch():
    global peak
    while True:
        status = Path("/proc/self/status").read_text()
        peak = max(peak, int(status.partition("RssAnon:")[2].split()[0]))
        time.sleep(0.02)
threading.Thread(target=watch, daemon=True).start()
plan, root, out = map(Path, sys.argv[1:])
artifacts = LocalSource(root)
request = WheelRequest(plan=plan, artifacts=artifacts, directory=out, receipt=out / "receipt.json", level=5)
build_wheel(request, make_context())
print(peak)
"""


@pytest.mark.slow
def test_a_member_beyond_four_gibibytes(project: Project) -> None:
    """A sparse file: mostly zeros, something at both ends."""
    file = project.root / "big"
    with file.open("wb") as sparse:
        sparse.write(b"begin")
        sparse.seek(BIG - 3)
        sparse.write(b"end")
    whole, crc = sha256(), 0
    with file.open("rb") as content:
        while block := content.read(1 << 24):
            whole.update(block)
            crc = deflate.crc32(block, crc)
    facts = {"size": BIG, "sha256": whole.hexdigest(), "crc32": crc}
    member = Member(path="demo/big", kind="copy", mode=0o644, source=f"{project.root.name}/big", **facts)
    plan = project.plan(member, project.source("small", b"behind it" * 9))

    request = project.request(plan)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, plan, project.root.parent, request.directory],
        capture_output=True,
        text=True,
        check=True,
    )

    wheel = request.directory / "demo-1.0-py3-none-any.whl"
    assert int(done.stdout) < 1 << 20  # KiB of private memory
    assert subprocess.run(["unzip", "-tqq", wheel], check=False).returncode == 0
    with zipfile.ZipFile(wheel) as archive, archive.open("demo/big") as content:
        assert archive.getinfo("demo/big").file_size == BIG
        assert content.read(5) == b"begin"
        assert archive.read("_demo/small") == b"behind it" * 9


def test_more_members_than_two_bytes_can_count(project: Project, tmp_path: Path) -> None:
    wheel = project.build(*(text(f"demo/{number}", "") for number in range(65_600)))

    with zipfile.ZipFile(wheel) as archive:
        assert len(archive.namelist()) == 65_603
    subprocess.run(["unzip", "-qq", wheel, "demo/12*", "-d", tmp_path / "some"], check=True)
    assert len(names(tmp_path / "some/demo")) == 1_111
