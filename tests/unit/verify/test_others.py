"""Wheels of other projects: what installers do not mind is no problem of a dist that holds them."""

from __future__ import annotations

from tests.support.read_wheels import told, wheel
from tools.verify.finding import Finding, error
from tools.verify.others import others_among, tolerated, without_directories, without_manners

THEIRS = wheel("torchlike", {"torchlike/": b"", "torchlike/a.py": b"a"}, ours=False)
OURS = wheel("core")


def kept(*findings: Finding) -> list[str]:
    return told(tolerated(findings, [THEIRS]))


def test_a_wheel_without_our_facts_is_another_projects_unless_it_is_carried():
    carried = wheel("rocm_bootstrap", ours=False)

    assert others_among([OURS, THEIRS, carried], {carried.identity.project}) == [THEIRS]


def test_directories_are_no_files_of_theirs():
    assert set(without_directories(THEIRS).contents.files) == {"torchlike/a.py"}


def test_what_every_installer_passes_over_is_left_out_of_theirs_alone():
    entry = ("archive", "is a directory entry", "a/")

    assert kept(error(THEIRS.name, *entry), error(OURS.name, *entry)) == [
        "error: archive: is a directory entry: a/",
    ]


def test_matters_of_form_are_warnings_and_what_keeps_them_from_working_is_an_error():
    assert kept(
        error(THEIRS.name, "names", "must begin with torchlike-1.0"),
        error(THEIRS.name, "metadata", "has no METADATA"),
        error(THEIRS.name, "archive", "has a ZIP64 field that does not fit its sizes", "a"),
        error(THEIRS.name, "archive", "has another CRC than is stated", "a"),
        error(THEIRS.name, "record", "has another sha256", "a"),
    ) == [
        "error: archive: has another CRC than is stated: a",
        "error: record: has another sha256: a",
        "warning: archive: has a ZIP64 field that does not fit its sizes: a",
        "warning: metadata: has no METADATA",
        "warning: names: must begin with torchlike-1.0",
    ]


def test_a_clash_among_theirs_is_a_warning_and_one_with_ours_an_error():
    problem = "{} has it, too, and both can be installed together"

    assert kept(
        error(THEIRS.name, "together", problem.format(THEIRS.name), "a"),
        error(THEIRS.name, "together", problem.format(OURS.name), "b"),
    ) == [
        f"error: together: {problem.format(OURS.name)}: b",
        f"warning: together: {problem.format(THEIRS.name)}: a",
    ]


def test_how_wheels_are_called_that_no_dist_holds_is_not_told():
    findings = [error(THEIRS.name, "names", "must begin with torchlike-1.0"), error("odd.whl", "names", "is no name")]

    assert told(without_manners(findings, [THEIRS])) == ["error: names: is no name"]
