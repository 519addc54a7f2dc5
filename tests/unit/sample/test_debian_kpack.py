"""Device code leaves host libraries for one archive a target."""

from __future__ import annotations

import io
import zlib
from contextlib import suppress
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import compiler
from tools.errors import UserError
from tools.sample.debian.fill import ArtifactSet
from tools.sample.debian.kpack import BUNDLE, CodeObject, code_objects, split_device_code
from tools.sample.debian.table import read_table

HOST = "host-x86_64-unknown-linux"


def bundle(codes: dict[str, bytes]) -> bytes:
    """Return an offload bundle as clang-offload-bundler lays it out: the code begins on the second page."""
    header, body = BUNDLE + pack("<Q", len(codes)), b""
    for name, code in codes.items():
        header += pack("<QQQ", 4096 + len(body), len(code), len(name)) + name.encode()
        body += code
    return header.ljust(4096, b"\0") + body


def gpu(target: str) -> str:
    return f"hipv4-amdgcn-amd-amdhsa--{target}"


def test_code_objects_of_all_bundles_are_found() -> None:
    first = bundle({HOST: b"", gpu("gfx908:xnack-"): b"one", gpu("gfx1030"): b"three"})
    section = first.ljust(8192, b"\0") + bundle({gpu("gfx1030"): b"four"})

    found = list(code_objects(io.BytesIO(section), 0, len(section)))

    assert found == [
        CodeObject(target="gfx908:xnack-", offset=4096, size=3),
        CodeObject(target="gfx1030", offset=4099, size=5),
        CodeObject(target="gfx1030", offset=8192 + 4096, size=4),
    ]


def test_a_bundle_that_leads_out_of_its_section_is_refused() -> None:
    section = bundle({gpu("gfx1030"): b"code"})

    with pytest.raises(UserError) as caught:
        list(code_objects(io.BytesIO(section), 0, len(section) - 1))

    assert str(caught.value) == "an offload bundle leads out of its section"


def test_a_bundle_of_too_many_entries_is_refused() -> None:
    section = BUNDLE + pack("<Q", 1 << 40)

    with pytest.raises(UserError) as caught:
        list(code_objects(io.BytesIO(section), 0, len(section)))

    assert str(caught.value) == "an offload bundle claims 1099511627776 entries, 1024 are allowed"


@given(st.binary(max_size=200), st.integers(0, 3))
def test_any_bytes_end_in_code_objects_or_a_sentence(noise: bytes, entries: int) -> None:
    section = BUNDLE + pack("<Q", entries) + noise

    found = []
    with suppress(UserError):
        found = list(code_objects(io.BytesIO(section), 0, len(section)))

    assert all(code.offset + code.size <= len(section) for code in found)


def test_the_library_keeps_a_zeroed_section_and_each_target_gets_its_code(tmp_path: Path) -> None:
    codes = {gpu("gfx90a:xnack-"): b"minus" * 1000, gpu("gfx90a:xnack+"): b"plus" * 1000, gpu("gfx803"): b"old"}
    stage = "rand_lib_generic/math-libs/rocRAND/stage"
    library = tmp_path / stage / "lib/librocrand.so.1"
    compile_library(library, bundle(codes))
    size = library.stat().st_size

    split_device_code(ArtifactSet(root=tmp_path, table=read_table(), families=("generic",)))

    archives = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*_*.kpack")}
    inside = "math-libs/rocRAND/stage/.kpack"
    assert {name: zlib.decompress(path.read_bytes()) for name, path in archives.items()} == {
        f"rand_lib_gfx942/{inside}/rocrand_gfx942.kpack": b"minus" * 1000,
        f"rand_lib_gfx942:xnack+/{inside}/rocrand_gfx942:xnack+.kpack": b"plus" * 1000,
    }
    assert library.stat().st_size == size
    content = library.read_bytes()
    assert [word for word in (BUNDLE, b"minus", b"plus", b"old") if word in content] == []


def compile_library(library: Path, section: bytes) -> None:
    """Compile a shared library with ``section`` as its .hip_fatbin."""
    content = library.with_suffix(".bin")
    content.parent.mkdir(parents=True)
    content.write_bytes(section)
    assembly = (
        f'.section .note.GNU-stack,"",@progbits\n.section .hip_fatbin,"a",@progbits\n.p2align 12\n.incbin "{content}"\n'
    )
    compiler.compile_library(library, assembly, language="assembler")
    content.unlink()
