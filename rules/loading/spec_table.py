"""A TOML table read key by key: types are checked, leftover keys are errors with a suggestion."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from tools.errors import UserError, listed
from tools.toml import parse_toml

T = TypeVar("T")
_REQUIRED = object()
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class SpecError(UserError):
    """A packaging spec is wrong. ``str()`` reads ``FILE: KEY: what is wrong``."""

    def __init__(self, problem: str, *, file: Path, key: str = "") -> None:
        self.problem, self.file, self.key = problem, file, key
        super().__init__(": ".join(str(part) for part in (file, key, problem) if str(part)))

    def __reduce__(self) -> tuple[Callable[..., SpecError], tuple[str]]:
        """Pickle what the error was made from: an exception pickles its text alone, which is not enough here."""
        return partial(SpecError, file=self.file, key=self.key), (self.problem,)


class Table:
    """One TOML table. Every key must be asked for before :meth:`done`, or it is reported as unknown."""

    def __init__(self, values: Mapping[str, object], *, file: Path, key: str = "") -> None:
        self.values, self.file, self.key = values, file, key
        self._asked: list[str] = []
        for name in values:
            self._check_line(name, repr(name))

    def error(self, problem: str, key: str = "") -> SpecError:
        """Return an error about this table, or about its ``key``."""
        return SpecError(problem, file=self.file, key=".".join(part for part in (self.key, key) if part))

    def string(self, key: str, default: object = _REQUIRED) -> str:
        """Return a string of one line that is not empty."""
        value = self._get(key, str, "a string", default)
        if value == "" and default is _REQUIRED:
            raise self.error("must not be empty", key)
        self._check_line(value, key)
        return value

    def optional_string(self, key: str) -> str | None:
        """Return a string, or None where the key is absent."""
        return self.string(key) if key in self._ask(key) else None

    def boolean(self, key: str, default: object = _REQUIRED) -> bool:
        """Return true or false."""
        return self._get(key, bool, "true or false", default)

    def optional_integer(self, key: str) -> int | None:
        """Return a whole number, or None where the key is absent."""
        return self._get(key, int, "a whole number") if key in self._ask(key) else None

    def choice(
        self, key: str, allowed: Iterable[str], default: object = _REQUIRED, *, listed_in: str | None = None
    ) -> str:
        """Return one of the ``allowed`` strings, which the file ``listed_in`` lists."""
        value = self.string(key, default)
        self._check_allowed(value, tuple(allowed), key, listed_in)
        return value

    def strings(
        self,
        key: str,
        *,
        allowed: Iterable[str] | None = None,
        default: object = _REQUIRED,
        listed_in: str | None = None,
    ) -> tuple[str, ...]:
        """Return a list of different strings, each one of ``allowed``, which the file ``listed_in`` lists, if given."""
        values: list[object] = self._get(key, list, "a list of strings", default)
        names = tuple(allowed) if allowed is not None else None
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value:
                raise self.error(f"{value!r} must be a string that is not empty", f"{key}[{index}]")
            self._check_line(value, f"{key}[{index}]")
            if values.index(value) != index:
                raise self.error(f"{value!r} is there twice", f"{key}[{index}]")
            if names is not None:
                self._check_allowed(value, names, f"{key}[{index}]", listed_in)
        return tuple(str(value) for value in values)

    def table(self, key: str, *, required: bool = False) -> Table:
        """Return the table below ``key``; an empty one where it is absent and not required."""
        value: dict[str, object] = self._get(key, dict, "a table", _REQUIRED if required else {})
        return Table(value, file=self.file, key=self._below(key))

    def check_keys(self, allowed: Iterable[str]) -> None:
        """Raise SpecError for a key that is not one of ``allowed``."""
        names = tuple(allowed)
        for key in self.values:
            self._check_allowed(key, names, key)

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return the list of tables below ``key``; an empty one where it is absent."""
        values: list[object] = self._get(key, list, "a list of tables", [])
        tables = []
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.error(f"{value!r} must be a table", f"{key}[{index}]")
            tables.append(Table(value, file=self.file, key=f"{self._below(key)}[{index}]"))
        return tuple(tables)

    def each(self, read: Callable[[str, Table], T]) -> tuple[T, ...]:
        """Return ``read(name, table)`` for every key of a table of tables, in the file's order."""
        return tuple(read(name, self.table(name)) for name in self.values)

    def done(self) -> None:
        """Raise SpecError for a key that nobody asked for."""
        unknown = [key for key in self.values if key not in self._asked]
        if unknown:
            raise self.error(f"unknown key{suggestion(unknown[0], self._asked)}", unknown[0])

    def _get(self, key: str, kind: type[T], expected: str, default: object = _REQUIRED) -> T:
        if key not in self._ask(key):
            if default is _REQUIRED:
                raise self.error(f"is missing{self._misspelt(key)}", key)
            return cast(T, default)
        value = self.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(f"{value!r} must be {expected}", key)
        return value

    def _check_line(self, value: str, key: str) -> None:
        """Raise SpecError for what would end a line: specs become fields of metadata and rows of other files."""
        if value.splitlines() not in ([value], []) or _CONTROL.search(value):
            raise self.error(f"{value!r} must be one line without control characters", key)

    def _misspelt(self, key: str) -> str:
        """Return a hint at the key that the user probably wrote in place of ``key``: one that nobody asked for."""
        others = [other for other in self.values if other not in self._asked]
        close = difflib.get_close_matches(key, others, n=1, cutoff=0.75)  # so near that it is no key of its own
        return f"; is it misspelt as {close[0]!r}?" if close else ""

    def _ask(self, key: str) -> Mapping[str, object]:
        if key not in self._asked:
            self._asked.append(key)
        return self.values

    def _below(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key

    def _check_allowed(self, value: str, allowed: tuple[str, ...], key: str, listed_in: str | None = None) -> None:
        if value in allowed:
            return
        if listed_in is not None:
            hint = suggestion(value, allowed).replace("; ", ", or ")
            raise self.error(f"{value!r} is not in {listed_in}; name it there first{hint}", key)
        hint = suggestion(value, allowed) or f"; it must be one of {listed(allowed)}"
        raise self.error(f"unknown name {value!r}{hint}", key)


def read_toml(file: Path) -> Table:
    """Return the top-level table of ``file``.

    :raises SpecError: when the file is missing or is not TOML.
    """
    try:
        return Table(parse_toml(file.read_text(encoding="utf-8")), file=file)
    except OSError as error:
        raise SpecError(f"cannot be read: {error.strerror}", file=file) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"is not TOML: {error}", file=file) from None


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name nearest to ``name``, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
