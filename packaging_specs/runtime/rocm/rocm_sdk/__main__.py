"""The command line ``rocm-sdk``: data on stdout, the rest on stderr; exit code 1 if something is wrong."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from rocm_sdk._facts import core_is_missing, facts

READER_LEFT = 141  # as a shell tells of SIGPIPE: 128 + 13


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a path need not fit into the terminal's encoding
    parsed = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        code = command(parsed)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # "| head" has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT
    except ModuleNotFoundError as error:
        if error.name not in (None, "rocm_sdk_core"):  # ours have no name
            raise
        return _fail(core_is_missing() if error.name else str(error))
    except RuntimeError as error:
        return _fail(str(error))
    except OSError as error:
        from rocm_sdk import _diagnosis

        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return _fail(_diagnosis.with_cause(OSError(what)))


def _fail(sentence: str) -> int:
    print(f"rocm-sdk: error: {sentence}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rocm-sdk", description="The ROCm that is installed in this Python.")
    commands = parser.add_subparsers(required=True, metavar="command")
    path = _add(commands, "path", _path, "print where the ROCm tree is; makes the devel tree if need be")
    which = path.add_mutually_exclusive_group(required=True)
    for name, text in (("root", "the tree"), ("bin", "its programs"), ("cmake", "for CMAKE_PREFIX_PATH")):
        which.add_argument(f"--{name}", dest="which", action="store_const", const=name, help=text)
    which.add_argument("--json", dest="which", action="store_const", const="json", help="all of them, as JSON")
    init = _add(commands, "init", _init, "make or repair the devel trees")
    init.add_argument("family", nargs="?", help="make this family's, and _rocm_sdk_devel a link to it")
    init.add_argument("--quiet", action="store_true", help="say nothing unless something is wrong")
    for name, command, text in (
        ("test", _test, "check that this installation works"),
        ("version", _version, "print the version"),
        ("targets", _targets, "print the GFX targets that have code here, for GPU_TARGETS; --json: all of the build"),
        ("check", _check, "compare the installed files with what the wheels brought"),
        ("doctor", _doctor, "print what a bug report needs"),
    ):
        _add(commands, name, command, text).add_argument("--json", action="store_true", help="as JSON")
    return parser


def _add(commands: Any, name: str, command: Callable[[argparse.Namespace], int], text: str) -> Any:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(command=command)
    return parser


def _path(arguments: argparse.Namespace) -> int:
    from rocm_sdk import _roots

    root = _roots.chosen_root()
    if not root.is_devel and arguments.which != "json":
        from rocm_sdk._installed import advice

        core = root.directory / "bin"
        return _fail(
            f"devel is not installed, so there is no tree with CMake files ({core} has the programs that "
            f"there are); {advice('devel')}"
        )
    directory = root.directory
    paths = {"root": directory, "bin": directory / "bin", "cmake": directory / "lib" / "cmake"}
    if arguments.which == "json":
        _print_json({name: str(path) for name, path in paths.items()} | {"devel": root.is_devel})
    else:
        print(paths[arguments.which])
    return 0


def _init(arguments: argparse.Namespace) -> int:
    from rocm_sdk_core._errors import SdkError, listed

    from rocm_sdk import _roots
    from rocm_sdk._installed import absence, advice

    wheels = _roots.devel_wheels()
    if not wheels:
        raise SdkError(absence("devel", "devel"))
    if arguments.family:
        wheels = [wheel for wheel in wheels if wheel.family.lower() == arguments.family.lower()]
        if not wheels:
            there = listed(wheel.family for wheel in _roots.devel_wheels())
            raise SdkError(f"devel is not installed for {arguments.family}; it is for {there}; {advice('devel')}")
    for wheel in wheels:
        summary = _roots.make(wheel, quiet=arguments.quiet, point=bool(arguments.family))
        if not arguments.quiet:
            print(f"{wheel.directory}: {summary.total} links, {summary.made} made, {summary.removed} removed")
    return 0


def _version(arguments: argparse.Namespace) -> int:
    if arguments.json:
        _print_json({"version": facts().version})
    else:
        print(facts().version)
    return 0


def _targets(arguments: argparse.Namespace) -> int:
    build = facts()
    covered = {
        name: [family for family in build.families if family == name or family in target.families]
        for name, target in build.targets.items()
    }
    built = {name: families for name, families in covered.items() if families}
    if arguments.json:
        _print_json({name: {"product": build.targets[name].product, "families": built[name]} for name in sorted(built)})
        return 0
    from rocm_sdk._installed import installed

    there = {wheel.family for wheel in installed()}
    here = [name for name, families in sorted(built.items()) if there.intersection(families)]
    if not here and sys.stderr.isatty():  # a build that merges both streams takes what it reads for targets
        print("rocm-sdk: note: no GPU code is installed: these are all targets of the build", file=sys.stderr)
    print(";".join(here or sorted(built)))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from rocm_sdk import _check

    return _check.run(as_json=arguments.json)


def _doctor(arguments: argparse.Namespace) -> int:
    from rocm_sdk import _doctor

    return _doctor.run(as_json=arguments.json)


def _test(arguments: argparse.Namespace) -> int:
    from rocm_sdk import _self_test

    return _self_test.run(as_json=arguments.json)


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, sort_keys=True))


if __name__ == "__main__":
    sys.exit(main())
