"""What an environment holds, by RECORDs that others wrote: nothing outside it is ever named."""

from __future__ import annotations

from tools.develop.holding import metadata_directories, owners, read_state, recorded, stamp_of
from tools.develop.model import State


def write_record(environment, name: str, text: str) -> None:
    (environment.site / name).mkdir()
    (environment.site / name / "RECORD").write_text(text)


def test_recorded_files_inside_the_environment(environment):
    top = environment.directory
    rows = [
        "a.py,sha256=x,1",
        '"b,c.py",,',
        "../../../bin/x,,",
        f"{top}/share/y,,",
        "../../../../outside,,",
        "/etc/passwd,,",
    ]
    write_record(environment, "a-1.dist-info", "\n".join([*rows, "directory/,,", ""]))

    assert list(recorded(environment, "a-1.dist-info")) == ["a.py", "b,c.py", "../../../bin/x", "../../../share/y"]


def test_no_record_names_nothing(environment):
    assert list(recorded(environment, "none-1.dist-info")) == []


def test_projects_have_one_name_however_it_is_written(environment):
    for name in ("Rocm_SDK.core-1.dist-info", "rocm_sdk_core-2.dist-info", "other-1.dist-info"):
        (environment.site / name).mkdir()

    found = metadata_directories(environment)

    assert {project: sorted(names) for project, names in found.items()} == {
        "rocm-sdk-core": ["Rocm_SDK.core-1.dist-info", "rocm_sdk_core-2.dist-info"],
        "other": ["other-1.dist-info"],
    }


def test_owners_are_those_that_are_not_ours(environment):
    write_record(environment, "ours-1.dist-info", "a,,\nb,,\n")
    write_record(environment, "theirs-1.dist-info", "b,,\nc,,\n")

    assert owners(environment, ["ours-1.dist-info"], frozenset("ab")) == {"b": "theirs-1.dist-info"}


def test_a_damaged_state_is_none(tmp_path):
    (tmp_path / "state.json").write_text('{"held": 7}')

    assert read_state(tmp_path / "state.json") == State()


def test_links_and_directories_have_no_stamp(tmp_path):
    (tmp_path / "file").write_bytes(b"four")
    (tmp_path / "link").symlink_to("file")

    assert stamp_of(str(tmp_path / "file"))[0] == 4
    assert [stamp_of(str(tmp_path / name)) for name in ("link", "missing")] == [None, None]
    assert stamp_of(str(tmp_path)) is None
