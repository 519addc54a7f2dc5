from __future__ import annotations

import pytest

from tools.artifact.sidecar import parse_sidecar, read_sidecar, sha256_of
from tools.errors import UserError

DIGEST = "0123456789abcdef" * 4
ARCHIVE = "rand_lib_generic.tar.zst"


@pytest.mark.parametrize(
    "text",
    [
        DIGEST,
        f"{DIGEST}\n",
        f"{DIGEST.upper()}\n",
        f"{DIGEST}  {ARCHIVE}\n",
        f"{DIGEST} *{ARCHIVE}\n",
        f"\n{DIGEST}  /some/where/{ARCHIVE}\r\n\n",
    ],
)
def test_a_digest_stands_alone_or_before_the_name(text):
    assert parse_sidecar(text.encode(), ARCHIVE, "x") == DIGEST


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe\x00",
        DIGEST[:-1].encode(),
        (DIGEST + "0").encode(),
        f"{DIGEST}\n{DIGEST}\n".encode(),
        f"{DIGEST}  {ARCHIVE}\nand more\n".encode(),
        b"<html>not found</html>",
        b"0" * 100_000,
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(UserError) as error:
        parse_sidecar(content, ARCHIVE, f"/a/{ARCHIVE}.sha256sum")

    assert str(error.value) == (
        f"/a/{ARCHIVE}.sha256sum: must hold one line, a SHA-256 digest of 64 hexadecimal digits, alone or before the "
        f"name {ARCHIVE}; write it anew with sha256sum"
    )


def test_the_digest_of_another_archive_is_refused():
    with pytest.raises(UserError) as error:
        parse_sidecar(f"{DIGEST}  blas_lib_generic.tar.zst\n".encode(), ARCHIVE, "s3://b/x.sha256sum")

    assert str(error.value) == (
        f"s3://b/x.sha256sum: is the digest of 'blas_lib_generic.tar.zst', not of {ARCHIVE}; write it anew with "
        f"sha256sum"
    )


def test_a_sidecar_is_read_from_beside_the_archive(tmp_path):
    (tmp_path / ARCHIVE).write_bytes(b"x")
    digest = sha256_of(tmp_path / ARCHIVE)
    (tmp_path / f"{ARCHIVE}.sha256sum").write_text(digest)

    assert (
        read_sidecar(tmp_path / ARCHIVE) == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" == digest
    )


def test_no_sidecar_is_no_error(tmp_path):
    assert read_sidecar(tmp_path / ARCHIVE) is None


def test_a_sidecar_that_cannot_be_read_is_one(tmp_path):
    (tmp_path / f"{ARCHIVE}.sha256sum").mkdir()

    with pytest.raises(UserError) as error:
        read_sidecar(tmp_path / ARCHIVE)

    assert str(error.value) == f"{tmp_path}/{ARCHIVE}.sha256sum: cannot be read: Is a directory"
