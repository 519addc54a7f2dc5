"""Values in files: JSON that is the same bytes for the same value, and TOML that people wrote."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TypeVar

import msgspec

from tools.errors import UserError
from tools.files import write_bytes
from tools.toml import NESTED, parse_toml

T = TypeVar("T")
_decoders: dict[object, msgspec.json.Decoder[object]] = {}
_making = threading.Lock()


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as canonical JSON: compact, in field order, mappings sorted by key, one final newline."""
    write_bytes(path, encode_json(value))


def encode_json(value: object) -> bytes:
    """Return ``value`` as canonical JSON: equal values give equal bytes."""
    return msgspec.json.encode(value, order="deterministic") + b"\n"


def decode_json(content: bytes | str, type_: type[T]) -> T:
    """Return the value of ``type_`` that JSON says.

    msgspec works out a type when it is first decoded, and a second thread that comes meanwhile reads what is not there
    yet: the process ends with a segmentation fault (seen with msgspec 0.22.0). So one thread at a time does so.

    :raises msgspec.DecodeError: when it says none, or is nested too deeply.
    :raises UnicodeDecodeError: when a text is not UTF-8.
    """
    decoder = _decoders.get(type_)
    if decoder is None:
        with _making:
            decoder = _decoders.setdefault(type_, msgspec.json.Decoder(type_))
    try:
        return decoder.decode(content)  # type: ignore[return-value]  # of a dictionary with a decoder for each type
    except RecursionError:
        raise msgspec.DecodeError(NESTED) from None


def read_json(path: Path, type_: type[T]) -> T:
    """Return the value of ``type_`` that :func:`write_json` stored.

    :raises UserError: when the file is missing or is not such a value; both name the file.
    """
    try:
        return decode_json(path.read_bytes(), type_)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: is damaged ({error}); remove it and run again") from None


def read_toml(path: Path, type_: type[T]) -> T:
    """Return the value of ``type_`` that somebody wrote down.

    :raises UserError: when the file is missing or is not such a value; both name the file.
    """
    import tomllib

    try:
        return msgspec.convert(parse_toml(path.read_text(encoding="utf-8")), type=type_)
    except OSError as problem:
        raise UserError(f"{path}: cannot be read: {problem.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UserError(f"{path}: is not TOML: {problem}") from None
    except msgspec.ValidationError as problem:
        raise UserError(f"{path}: {problem}") from None
