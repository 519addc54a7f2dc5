"""ROCm from Python: find and load its libraries. On the command line: ``rocm-sdk``."""

from __future__ import annotations

from rocm_sdk._build_facts import FACTS as _FACTS

TYPE_CHECKING = False  # each program that uses ROCm imports this module: it takes no time, and reads no file
if TYPE_CHECKING:
    from collections.abc import Iterable
    from ctypes import CDLL
    from pathlib import Path
    from re import Pattern

__all__ = ["__version__", "find_libraries", "preload_libraries", "initialize_process"]

__version__: str = _FACTS["version"]

_ALL_CDLLS: dict[str, CDLL] = {}  # short name -> what is loaded; programs look here whether one is


# Imports are inside the functions: the build backend imports this package without rocm-sdk-core.


def find_libraries(*shortnames: str) -> list[Path]:
    """Return the absolute path of each public library, in the order asked for.

    Names that this operating system has no library for are left out, and optional libraries that are absent.

    :raises ModuleNotFoundError: when a name is unknown or its package not installed; says what to install. Also when
        libraries of several GPU families are installed and nothing says which; that is a ``RuntimeError``, too.
    :raises FileNotFoundError: when the package is installed but the library is not in it.
    """
    from rocm_sdk import _libraries

    return _libraries.find_libraries(*shortnames)


def preload_libraries(*shortnames: str, rtld_global: bool = True) -> None:
    """Load each library once into this process and keep it, so that later loads by SONAME find it.

    :raises OSError: when the loader refuses one; besides those of :func:`find_libraries`.
    """
    from rocm_sdk import _libraries

    _libraries.preload_libraries(*shortnames, rtld_global=rtld_global)


def initialize_process(
    *,
    preload_shortnames: Iterable[str] | None = None,
    rtld_global: bool = True,
    env_override: bool = True,
    check_version: str | Pattern[str] | None = None,
    fail_on_version_mismatch: bool = False,
    **later: object,
) -> None:
    """Make this process ready for ROCm: check the version, then preload libraries.

    ``check_version`` is a pattern with ``*`` for the whole version, or a compiled expression for its beginning; an
    empty one checks nothing. With ``env_override`` the libraries that ``ROCM_SDK_PRELOAD_LIBRARIES`` names, with ``,``
    or ``;`` between them, are loaded too. ``later``: what programs pass to releases that know more; ignored.

    :raises RuntimeError: when the version does not match and ``fail_on_version_mismatch``, else it warns; when what
        the variable names cannot be loaded.
    """
    from rocm_sdk import _libraries

    _libraries.check_version(check_version, fail=fail_on_version_mismatch)
    _libraries.preload_libraries(*(preload_shortnames or ()), rtld_global=rtld_global)
    if env_override:
        _libraries.preload_named_by_environment(rtld_global=rtld_global)
