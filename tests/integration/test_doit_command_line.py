"""What a user meets on the command line: lists, mistakes, exit codes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rules.loading.settings import SETTINGS
from tests.support.artifacts import write_artifact, write_base
from tests.support.doit_process import Doit
from tests.support.places import ROOT

HEAVY = (
    *("rich", "jinja2", "fsspec", "elftools", "deflate", "zlib_ng", "asyncio", "distributed"),
    *("tools.catalog.scan", "tools.plan.family", "tools.wheel.build", "tools.dist.index", "tools.verify.dist"),
)


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    write_base(tmp_path / "artifacts")
    return tmp_path / "artifacts"


@pytest.fixture
def doit(tmp_path: Path, artifacts: Path) -> Doit:
    return Doit(directory=tmp_path, settings={"artifact_dir": str(artifacts)})


def test_list_shows_the_groups_with_what_they_are_for(doit):
    finished = doit("list")

    assert (finished.code, finished.err) == (0, "")
    tasks = {line.split()[0]: line.split(maxsplit=1)[1] for line in finished.lines}
    assert tasks["catalog"] == "what each artifact holds: paths, digests, ELF facts"
    assert tasks["dist"] == "every wheel and sdist in one flat directory, and nothing else of ours"
    assert {"plan", "index", "check", "test"} <= set(tasks)
    assert "sample" not in tasks


def test_list_imports_nothing_heavy():
    program = (
        "import sys; sys.argv = ['doit', 'list']\n"
        "from doit.doit_cmd import DoitMain\n"
        "assert DoitMain().run(['list']) == 0\n"
        f"print('heavy:', *[name for name in {HEAVY} if name in sys.modules])\n"
    )

    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert process.stdout.splitlines()[-1] == "heavy:"


def test_list_works_while_another_run_holds_the_lock(doit):
    import fcntl

    doit.build.mkdir()
    with (doit.build / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert doit("list").code == 0


def test_an_unknown_task_gets_a_suggestion(doit):
    finished = doit("catlog")

    assert finished.code == 3
    assert finished.err == "ERROR: there is no task, target or command 'catlog'; did you mean 'catalog'?\n"


def test_an_unknown_member_of_a_group_gets_a_suggestion(doit):
    assert doit("catalog:base_lib_generik").err == (
        "ERROR: there is no task, target or command 'catalog:base_lib_generik'; "
        "did you mean 'catalog:base_lib_generic'?\n"
    )


def test_an_unknown_task_like_nothing_is_told_where_to_look(doit):
    assert doit("qqqqqq").err == "ERROR: there is no task, target or command 'qqqqqq'; `doit list` shows the tasks\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["help", "biuld"], "there is no task and no command 'biuld'; did you mean 'build'?"),
        (
            ["help", "qqq"],
            "there is no task and no command 'qqq'; `doit list` shows the tasks, `doit help` the commands",
        ),
        (["help", "build", "jobs=x"], "command line: jobs: 'x' must be a whole number from 1 to 1024"),
        (["info", "plan:generik"], "there is no task 'plan:generik'; did you mean 'plan:generic'?"),
        (["why", "qqq"], "there is no task 'qqq'; `doit list` shows the tasks"),
        (
            ["--output-file=/none/x", "plan:generic"],
            "--output-file: /none/x: cannot be written: No such file or directory",
        ),
        ([""], "the command line has an empty word at its beginning; is a variable of the shell empty?"),
        (
            ["verify", "--json", ""],
            "the command line has an empty word after '--json'; is a variable of the shell empty?",
        ),
        (
            ["--nope", "build"],
            "option --nope not recognized; `doit help run` shows the options; settings are NAME=value",
        ),
        (
            ["build", "-n", "4"],
            "option -n not recognized; `doit help TASK` shows the options of a task, and those of doit stand before "
            "the first task; settings are NAME=value",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_names_and_options_are_a_sentence(doit, arguments, message):
    finished = doit(*arguments)

    assert (finished.code, finished.out, finished.err) == (3, "", f"ERROR: {message}\n")


def test_help_names_commands_and_settings(doit):
    finished = doit("help")

    assert (finished.code, finished.err) == (0, "")
    assert finished.lines[0] == "doit [OPTION...] [TASK...] [NAME=value...]"
    assert "  why            tell what makes a task run, and the tasks before it" in finished.lines
    assert "  artifact_dir, version, families, default_family, linux_amdgpu_families," in finished.lines
    assert "    doit why TASK..." in doit("help", "why").lines


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        (["--help"], ["help"]),
        (["-h"], ["help"]),
        (["-n", "4", "--help"], ["help"]),
        (["publish", "--help"], ["help", "publish"]),
        (["list", "-h"], ["help", "list"]),
        (["help", "--help"], ["help", "help"]),
    ],
    ids=" ".join,
)
def test_help_is_an_option_too(doit, asked, same):
    assert doit(*asked) == doit(*same)


def test_help_of_a_task_names_the_settings_that_matter(doit):
    settings = {
        task: [line.partition("=...")[0].strip() for line in doit("help", task).lines[1:] if "=..." in line]
        for task in ("publish", "promote", "serve", "index", "dist", "build")
    }

    assert settings == {
        "publish": ["url", "keep", "dry_run", "yanked", "public_url", "sign", "version", "dist_dir"],
        "promote": [
            *("from", "to", "targets", "restamp", "url", "keep", "dry_run", "yanked", "public_url", "sign", "dist_dir"),
        ],
        "serve": ["port", "version", "dist_dir"],
        "index": ["artifact_dir", "version", "families", "default_family", "dist_dir"],
        "dist": ["artifact_dir", "version", "families", "dist_dir"],
        "build": ["artifact_dir", "version", "families", "compression_level", "store", "build_dir"],
    }
    assert doit("help", "serve").lines[1:2] == ["  port=...             of serve; 0: any free one; unset: 8000"]


@pytest.mark.parametrize("group", ["develop", "plan", "catalog", "shard"])
def test_help_of_a_group_names_the_settings_of_its_members(doit, group):
    member = {"develop": "develop:generic", "plan": "plan:generic", "catalog": "catalog:base_lib_generic"}
    lines = doit("help", group).lines

    assert lines[1:] == doit("help", member.get(group, "shard:generic")).lines[1:]
    assert any(line.startswith("  artifact_dir=...     where the artifacts are") for line in lines)


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["help"], ["help", "watch"], ["list"]])
def test_a_command_that_nobody_reads_ends_quietly(doit, words):
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [sys.executable, "-m", "doit", *words], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)

    assert (ended.returncode, ended.stderr) == (-signal.SIGPIPE, "")


def test_help_lists_every_setting(doit):
    lines = doit("help").lines
    listed = "".join(lines[lines.index("Settings, which docs/settings.md explains:") + 1 :])

    assert [name.strip() for name in listed.split(",")] == list(SETTINGS)


def test_an_unknown_setting_gets_a_suggestion(doit):
    finished = doit("list", "artefact_dir=x")

    assert finished.code == 3
    assert finished.err == "ERROR: command line: artefact_dir: unknown setting; did you mean 'artifact_dir'?\n"


def test_the_environment_counts(doit):
    finished = doit("list", environment={"ROCM_WHEELS_JOBS": "none"})

    assert finished.err == "ERROR: environment: ROCM_WHEELS_JOBS: 'none' must be a whole number from 1 to 1024\n"


def test_missing_base_lib_generic_stops_before_anything_is_done(tmp_path):
    write_artifact(tmp_path / "artifacts", "blas_lib_gfx942", {"lib/x": b""})

    finished = Doit(directory=tmp_path, settings={"artifact_dir": str(tmp_path / "artifacts")})("catalog")

    assert finished.code == 3
    assert finished.err == (
        f"ERROR: {tmp_path / 'artifacts'}: has no base_lib_generic; "
        "it says which version and layout the artifacts are of\n"
    )


def test_a_directory_outside_the_grammar_is_refused(doit, artifacts):
    (artifacts / "not an artifact").mkdir()

    finished = doit("list")

    assert finished.code == 3
    assert finished.err.startswith(f"ERROR: {artifacts}: not named like an artifact, NAME_COMPONENT_FAMILY (such as ")
    assert finished.err.endswith(": 'not an artifact'\n")


def test_a_second_run_has_nothing_to_do(doit):
    assert doit("catalog").last == "steps: 1 done, 0 up to date, 0 failed"
    assert doit("catalog").last == "steps: 0 done, 1 up to date, 0 failed"


def test_a_changed_artifact_is_cataloged_again_and_no_other(doit, artifacts):
    stage = write_artifact(artifacts, "blas_lib_gfx942", {"lib/x": b"1"})
    doit("catalog")
    (stage / "lib/x").write_bytes(b"2")

    assert doit("catalog").last == "steps: 1 done, 1 up to date, 0 failed"


def test_a_failure_is_a_sentence_on_stderr_without_traceback(doit, artifacts):
    (artifacts / "base_lib_generic/stray").touch()

    finished = doit("catalog")

    assert finished.code == 1
    assert finished.out == "steps: 0 done, 0 up to date, 1 failed\n"
    assert finished.err.startswith(f"failed  catalog:base_lib_generic: {artifacts / 'base_lib_generic'}: ")
    assert len(finished.err.splitlines()) == 1


def test_what_a_failed_task_stands_before_is_not_run(doit, artifacts):
    (artifacts / "base_lib_generic/stray").touch()

    finished = doit("-c", "plan:generic")

    assert finished.code == 1
    assert finished.err.splitlines()[1] == "skipped plan:generic: catalog:base_lib_generic failed"


def test_failures_with_continue_are_all_told(doit, artifacts):
    for name in ("a_lib_generic", "b_lib_generic"):
        (artifacts / name).mkdir()

    finished = doit("-c", "catalog")

    assert finished.last == "steps: 1 done, 0 up to date, 2 failed"
    assert sorted(line.split(": ")[0] for line in finished.err.splitlines()) == [
        "failed  catalog:a_lib_generic",
        "failed  catalog:b_lib_generic",
    ]


def test_the_next_run_after_a_failure_succeeds(doit, artifacts):
    (artifacts / "base_lib_generic/stray").touch()
    doit("catalog")
    (artifacts / "base_lib_generic/stray").unlink()

    assert doit("catalog").last == "steps: 1 done, 0 up to date, 0 failed"


def test_a_catalog_that_was_changed_by_hand_is_made_again(doit):
    doit("catalog")
    catalog = doit.build / "catalog/base_lib_generic.json"
    good = catalog.read_bytes()
    catalog.write_bytes(b"{}")

    assert doit("catalog").last == "steps: 1 done, 0 up to date, 0 failed"
    assert catalog.read_bytes() == good


REFUSED = {  # before anything is done, what a run would find out at its end
    "no address": (["publish"], "url: is not set; `publish` needs url=DIRECTORY or url=s3://BUCKET/FOLDER"),
    "no such protocol": (["publish", "url=xy://z"], "url: 'xy://z' cannot be published to: Protocol not known: xy"),
    "cannot be written to": (
        ["publish", "url=https://y"],
        "url: 'https://y' cannot be published to: not one of abfs, abfss, az, file, gcs, gs, s3, s3a",
    ),
    "a file": (["publish", "url={file}"], "url: {file}: cannot be published to: {file} is no directory"),
    "in a file": (["publish", "url={file}/x"], "url: {file}/x: cannot be published to: {file} is no directory"),
    "no yanked": (["publish", "url=y", "yanked=/none"], "/none: cannot be read: No such file or directory"),
    "no versions": (
        ["promote"],
        "from, to: `promote` needs two different versions, such as from=10.1.0rc1 to=10.1.0",
    ),
    "one version": (
        ["promote", "from=1.0", "to=1.0"],
        "from, to: `promote` needs two different versions, such as from=10.1.0rc1 to=10.1.0",
    ),
    "promoted to nowhere": (
        ["promote", "from=1", "to=2", "url={file}"],
        "url: {file}: cannot be published to: {file} is no directory",
    ),
}


@pytest.mark.parametrize("arguments", [("catalog",), ("list", "--all"), ("why", "catalog")], ids=" ".join)
def test_a_reader_that_has_seen_enough_ends_it_without_a_traceback(doit, arguments):
    process = doit.start(*arguments)
    process.stdout.close()

    assert process.wait(30) in (-signal.SIGPIPE, 128 + signal.SIGPIPE)
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.parametrize("task", ["index", "verify"])
def test_a_dist_that_cannot_be_written_is_refused_before_anything_is_built(doit, artifacts, task, tmp_path):
    file = tmp_path / "file"
    file.touch()

    finished = replace(doit, settings={**doit.settings, "dist_dir": str(file)})(task)

    assert (finished.code, finished.out) == (3, "")
    assert finished.err == f"ERROR: dist_dir: {file}: cannot be written: {file} is no directory\n"
    assert not (doit.build / "catalog").exists()


def test_a_dist_is_not_published_into_itself(doit):
    done = doit("publish", f"url={doit.dist}/sub")

    assert done.code == 3
    assert (
        done.err == f"ERROR: url: {doit.dist}/sub lies in dist_dir ({doit.dist}); take a directory that is not in it\n"
    )


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_publish_and_promote_refuse_before_anything_is_built(doit, artifacts, arguments, message):
    file = artifacts / "base_lib_generic/artifact_manifest.txt"

    finished = doit(*(argument.format(file=file) for argument in arguments))

    assert (finished.code, finished.out) == (3, "")
    assert finished.err == f"ERROR: {message.format(file=file)}\n"
    assert not (doit.build / "catalog").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_publish_refuses_a_directory_that_cannot_be_written(doit, tmp_path):
    (tmp_path / "out").mkdir(mode=0o500)

    assert doit("publish", f"url={tmp_path}/out/x").err == (
        f"ERROR: url: {tmp_path}/out/x: cannot be published to: {tmp_path}/out is write-protected\n"
    )


def test_serve_refuses_a_port_that_is_taken_before_anything_is_built(doit):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finished = doit("serve", f"port={port}")

    assert (finished.code, finished.out) == (3, "")
    assert finished.err == (
        f"ERROR: port: 127.0.0.1:{port} cannot be served at: Address already in use; port=0 takes any free one\n"
    )
    assert not (doit.build / "catalog").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_build_directory_that_cannot_be_written_is_a_sentence(doit):
    doit.build.mkdir(mode=0o500)

    finished = doit("catalog")

    assert finished.code == 3
    assert finished.err.startswith(
        f"ERROR: {doit.build / 'state.sqlite3'}: the state of finished tasks cannot be opened"
    )


def test_what_a_run_says_can_go_to_a_file(doit, tmp_path):
    assert doit("--output-file", str(tmp_path / "log"), "catalog").out == ""

    assert (tmp_path / "log").read_text() == "steps: 1 done, 0 up to date, 0 failed\n"


def test_jobs_and_engines_change_nothing(doit, artifacts, tmp_path):
    write_artifact(artifacts, "blas_lib_gfx942", {"lib/x": b"1"})
    results = []
    for number, arguments in enumerate(
        (["-n", "0", "catalog"], ["catalog", "jobs=1"], ["catalog", "engine=processes"])
    ):
        own = Doit(directory=tmp_path / str(number), settings=doit.settings)
        assert own(*arguments).code == 0
        results.append((own.build / "catalog/blas_lib_gfx942.json").read_bytes())

    assert len(set(results)) == 1


# From other folders

DOIT = Path(sys.executable).with_name("doit")


def test_doit_finds_the_project_from_a_folder_below():
    lists = [
        subprocess.run([DOIT, "list"], cwd=folder, capture_output=True, text=True, check=True).stdout
        for folder in (ROOT, ROOT / "rules" / "commands")
    ]

    assert lists[0] == lists[1]
    assert "\nbuild " in lists[0]


def test_a_path_on_the_command_line_starts_where_the_user_is():
    here = ROOT / "rules" / "commands"
    command = [DOIT, "diff", "no_such_dist", "."]
    finished = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stderr) == (
        3,
        f"ERROR: {here}/no_such_dist: cannot be read: No such file or directory\n",
    )


def test_the_file_for_what_a_run_says_starts_where_the_user_is(doit, tmp_path):
    assert doit("--output-file", "log", "catalog", environment={"DOITW_INVOKED_IN": str(tmp_path)}).code == 0

    assert (tmp_path / "log").read_text() == "steps: 1 done, 0 up to date, 0 failed\n"


def test_help_of_a_task_is_ours_in_a_folder_below(doit):
    command = [DOIT, "help", "serve"]
    finished = subprocess.run(command, cwd=ROOT / "tools", capture_output=True, text=True, check=True)

    assert finished.stdout == doit("help", "serve").out


@pytest.mark.parametrize("words", [("-f", "{}"), ("-f{}",), ("--file", "{}"), ("--file={}",)], ids=" ".join)
@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "relative"])
def test_the_file_of_a_project_can_be_named_from_any_folder(tmp_path, words, absolute):
    file = str(ROOT / "dodo.py") if absolute else os.path.relpath(ROOT / "dodo.py", tmp_path)
    command = [DOIT, *(word.format(file) for word in words), "diff", "none", "none"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert finished.stderr == f"ERROR: {tmp_path}/none: cannot be read: No such file or directory\n"


def test_doit_that_read_no_configuration_of_the_project_says_where_to_start_it(tmp_path):
    command = [sys.executable, "-m", "doit", "-f", ROOT / "dodo.py", "list"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stderr) == (
        3,
        f"ERROR: {tmp_path}: `python -m doit` must be started in {ROOT}; `doit` and ./doitw can be anywhere\n",
    )


def test_a_folder_without_a_project_is_doits_own_error(tmp_path):
    finished = subprocess.run([DOIT, "list"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stderr.splitlines()[0]) == (
        3,
        f"ERROR: Could not find dodo file '{tmp_path}/dodo.py'.",
    )
