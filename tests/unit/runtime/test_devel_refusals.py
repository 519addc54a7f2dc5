"""What init refuses to do, and the sentence that says why. Nothing of somebody else's is ever touched."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rocm_sdk_core import _devel
from rocm_sdk_core._errors import SdkError

from tests.support import small_rocm
from tests.support.devel_tree import COMPLETE, ROOT, everything, listing
from tests.support.small_rocm import FAMILY

Mounts = Callable[[str], "subprocess.CompletedProcess[str]"]


def refusal(site: Path) -> str:
    with pytest.raises(SdkError) as caught:
        _devel.make(str(site), ROOT)
    return str(caught.value)


def write_table(site: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    small_rocm.devel(FAMILY, rows=rows).unpack(site)
    return site / ROOT / f"{ROOT[1:]}.links.json"


@pytest.mark.parametrize("path", ["bin/hipcc", "lib/libamdhip64.so.7", "share/hip", "lib64"])
def test_a_foreign_file_in_the_way_stays_and_nothing_is_made(site: Path, path: str) -> None:
    file = site / ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine")
    before = everything(site)

    message = refusal(site)

    assert message == (
        f"{site / ROOT}: in the way of links, and not made by rocm-sdk: {path}; move them away and run again"
    )
    assert file.read_text() == "mine"
    assert everything(site) == before


def test_a_foreign_link_in_the_way_stays(site: Path) -> None:
    (site / ROOT / "lib64").symlink_to("/usr/lib64")

    refusal(site)

    assert (site / ROOT / "lib64").readlink() == Path("/usr/lib64")


def test_a_foreign_directory_in_the_way_stays(site: Path) -> None:
    (site / ROOT / "share/hip").mkdir(parents=True)

    assert "share/hip" in refusal(site)
    assert (site / ROOT / "share/hip").is_dir()


def test_nothing_is_written_through_a_symlinked_parent(site: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (site / ROOT / "bin").symlink_to(elsewhere)

    message = refusal(site)

    assert message == (
        f"{site / ROOT}: in the way of links, and not made by rocm-sdk: bin/hipcc, bin/rocminfo; move them away "
        "and run again"
    )
    assert list(elsewhere.iterdir()) == []


def test_nothing_is_removed_through_a_symlinked_parent(site: Path, tmp_path: Path) -> None:
    _devel.make(str(site), ROOT)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(site / ROOT / "lib/llvm", elsewhere)
    shutil.rmtree(site / ROOT / "lib/llvm")
    (site / ROOT / "lib/llvm").symlink_to(elsewhere)
    write_table(site, [row for row in small_rocm.devel_rows(FAMILY) if not row[0].startswith("lib/llvm")])

    assert _devel.make(str(site), ROOT).removed == 0
    assert (elsewhere / "bin/amdclang++").is_file()


def test_the_state_directory_is_never_a_link(site: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (site / ROOT / ".rocm-sdk").symlink_to(elsewhere)

    assert refusal(site).startswith(f"{site / ROOT}: the links of the devel tree cannot be made: ")
    assert list(elsewhere.iterdir()) == []


def test_links_below_a_link_are_refused(site: Path) -> None:
    write_table(
        site,
        [
            ("share/hip", "symlink", "_rocm_sdk_core", "share/hip"),
            ("share/hip/a.txt", "symlink", "_rocm_sdk_core", "share/hip/a.txt"),
        ],
    )

    assert refusal(site) == f"{ROOT}: there are links below what is a link itself: 'share/hip'"
    assert (site / "_rocm_sdk_core/share/hip/a.txt").read_text() == "a\n"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(("../evil", "symlink", "_rocm_sdk_core", "lib"), id="path above the root"),
        pytest.param(("/evil", "symlink", "_rocm_sdk_core", "lib"), id="absolute path"),
        pytest.param(("lib//evil", "symlink", "_rocm_sdk_core", "lib"), id="empty part"),
        pytest.param(("evil", "symlink", "_rocm_sdk_core", "../../../etc/passwd"), id="target above the package"),
        pytest.param(("evil", "real", "..", "etc/passwd"), id="package above"),
        pytest.param(("evil", "symlink", "numpy", "__init__.py"), id="somebody else's package"),
        pytest.param(("evil", "hard", "_rocm_sdk_core", "lib"), id="unknown kind"),
        pytest.param((".rocm-sdk/stamp", "real", "_rocm_sdk_core", "lib"), id="our state"),
        pytest.param(("evil\\..\\x", "symlink", "_rocm_sdk_core", "lib"), id="backslashes"),
        pytest.param(("evil\0", "symlink", "_rocm_sdk_core", "lib"), id="null"),
    ],
)
def test_a_table_that_leads_out_of_the_packages_is_refused(site: Path, row: tuple[str, str, str, str]) -> None:
    table = write_table(site, [row])

    assert refusal(site) == f"{table}: these links lead outside the ROCm packages: {row[0]!r}"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"root": 1}', f'{{"root": "{ROOT}", "links": [["a"]]}}'])
def test_a_damaged_table_is_named(site: Path, content: str) -> None:
    table = site / ROOT / f"{ROOT[1:]}.links.json"
    table.write_text(content, "utf-8")

    if content == '{"root": 1}':
        assert _devel.make(str(site), ROOT).total == 0  # a table for another root
    else:
        assert refusal(site).startswith(f"{table}: is damaged (")


def test_links_in_a_circle_are_refused(site: Path) -> None:
    write_table(site, [("a", "symlink", ROOT, "b"), ("b", "symlink", ROOT, "a")])

    assert refusal(site) == f"{ROOT}: the link 'a' leads in a circle; reinstall the devel wheel"


def test_two_wheels_that_disagree_are_named(site: Path) -> None:
    table = site / "_rocm_sdk_libraries_gfx94X_dcgpu/rocm_sdk_device_gfx942.links.json"
    row = ["lib64", "symlink", "_rocm_sdk_core", "lib"]
    table.write_text(json.dumps({"root": ROOT, "links": [row]}), "utf-8")

    assert refusal(site) == f"{table}: two wheels disagree on where 'lib64' in {ROOT} leads; reinstall them"


def test_a_missing_package_is_named_with_the_command_that_installs_it(site: Path) -> None:
    small_rocm.remove(site, "_rocm_sdk_libraries_gfx94X_dcgpu")

    assert refusal(site) == (
        "rocm-sdk-devel-gfx94X-dcgpu needs rocm-sdk-libraries-gfx94X-dcgpu==10.1.0 in "
        f"{site}; install with: {small_rocm.pip(site)} rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"
        f"{small_rocm.SOURCE}"
    )
    assert not (site / ROOT / "bin").exists()


def test_a_package_that_is_gone_though_it_is_listed_as_installed_is_installed_again(site: Path) -> None:
    shutil.rmtree(site / "_rocm_sdk_libraries_gfx94X_dcgpu")

    assert refusal(site) == (
        f"rocm-sdk-devel-gfx94X-dcgpu needs rocm-sdk-libraries-gfx94X-dcgpu==10.1.0 in {site}; install with: pip "
        f"install --ignore-installed --no-deps --target {site} --upgrade rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"
        f"{small_rocm.SOURCE}"
    )


def test_what_an_uninstall_left_of_a_package_does_not_count_as_installed(site: Path) -> None:
    package = site / "_rocm_sdk_libraries_gfx94X_dcgpu"
    shutil.rmtree(package)
    (package / "lib/__pycache__").mkdir(parents=True)

    assert refusal(site).startswith("rocm-sdk-devel-gfx94X-dcgpu needs rocm-sdk-libraries-gfx94X-dcgpu==10.1.0 in ")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"package": "core"}'])
def test_damaged_package_facts_are_named(site: Path, content: str) -> None:
    facts = site / "_rocm_sdk_core/rocm_sdk_core.package.json"
    facts.write_text(content, "utf-8")

    assert refusal(site) == f"{facts}: is damaged; reinstall the wheel it belongs to"


def test_a_damaged_journal_is_named(site: Path) -> None:
    _devel.make(str(site), ROOT)
    journal = site / ROOT / ".rocm-sdk/journal.json"
    journal.write_text('{"a": 1}', "utf-8")

    assert refusal(site) == f"{journal}: is damaged; reinstall the devel wheel"


def test_a_file_missing_from_a_package_is_named_with_its_wheel(site: Path) -> None:
    (site / "_rocm_sdk_core/bin/hipcc").unlink()

    assert refusal(site) == (
        f"rocm-sdk-devel-gfx94X-dcgpu leads to files that are not in {site}: _rocm_sdk_core/bin/hipcc; reinstall "
        f"with: pip install --ignore-installed --no-deps --target {site} --upgrade rocm-sdk-core==10.1.0"
        f"{small_rocm.SOURCE}"
    )


def test_mixed_versions_are_named(site: Path) -> None:
    small_rocm.libraries(FAMILY, version="10.2.0").unpack(site)

    assert refusal(site) == (
        f"{site} mixes versions of ROCm: rocm-sdk-core 10.1.0, rocm-sdk-devel-gfx94X-dcgpu 10.1.0, "
        f"rocm-sdk-libraries-gfx94X-dcgpu 10.2.0; install one version of all of them, such as: {small_rocm.pip(site)} "
        "rocm-sdk-core==10.1.0 rocm-sdk-devel-gfx94X-dcgpu==10.1.0 rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"
        f"{small_rocm.SOURCE}"
    )


def test_post_releases_of_one_version_go_together(site: Path) -> None:
    small_rocm.libraries(FAMILY, version="10.1.0.post2").unpack(site)

    assert _devel.make(str(site), ROOT).made == 10


def test_an_unknown_root_is_refused_with_those_there_are(site: Path) -> None:
    with pytest.raises(SdkError) as caught:
        _devel.make(str(site), "_rocm_sdk_devel_gfx90X")

    assert str(caught.value) == f"{site} has no devel tree _rocm_sdk_devel_gfx90X; it has {ROOT}"


def in_mount(mounts: Mounts, site: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """Run shell lines in which $SITE is the site and $INIT makes its devel tree."""
    init = shlex.join([sys.executable, "-B", "-m", "rocm_sdk", "init"])
    head = f"export SITE={shlex.quote(str(site))} PYTHONPATH={shlex.quote(str(site))}\ninit() {{ {init}; }}\n"
    return mounts(head + "\n".join(lines))


READ_ONLY = ('mount --bind "$SITE" "$SITE"', 'mount -o remount,ro,bind "$SITE"', 'cd "$SITE"')


def test_a_read_only_site_is_a_sentence(site: Path, mounts: Mounts) -> None:
    done = in_mount(mounts, site, *READ_ONLY, "init")

    assert done.stderr == (
        f"rocm-sdk: error: {site / ROOT}: its links are not made yet, or not for what is installed now, and this user "
        f"may not make them; as root run: {sys.executable} -m rocm_sdk init\n"
    )
    assert done.returncode == 1


def test_a_read_only_site_with_a_made_tree_works(site: Path, mounts: Mounts) -> None:
    _devel.make(str(site), ROOT)
    (site / ROOT / ".rocm-sdk/stamp").unlink()  # as if the layers of a container changed time stamps

    done = in_mount(mounts, site, *READ_ONLY, "init")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{site / ROOT}: 10 links, 0 made, 0 removed\n"


def test_a_full_disk_is_a_sentence_and_the_next_run_goes_on(site: Path, mounts: Mounts, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    inodes = len(everything(site)) + 8
    done = in_mount(
        mounts,
        small,
        f'mount -t tmpfs -o nr_inodes={inodes} tmpfs "$SITE"',
        f'cp -r {shlex.quote(str(site))}/. "$SITE"',
        "! init",
        f'test ! -e "$SITE/{ROOT}/.rocm-sdk/stamp"',
        'mount -o remount,nr_inodes=10000 "$SITE"',
        "init",
        f'cp -a "$SITE/{ROOT}" {shlex.quote(str(tmp_path / "result"))}',
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        f"rocm-sdk: error: {small / ROOT}: the links of the devel tree cannot be made: No space left on device; free "
        "some space and run 'rocm-sdk init' again\n"
    )
    shutil.rmtree(site / ROOT)
    shutil.move(tmp_path / "result", site / ROOT)
    assert listing(site) == COMPLETE
