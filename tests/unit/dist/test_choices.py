from __future__ import annotations

from tests.support.listed_files import CORE, DEVEL, FAMILY_DEVEL, LIBRARIES, META, MI300, MI350, RX, file
from tools.dist.choices import releases


def test_a_gpu_gets_the_extras_of_its_family():
    (release,) = releases([CORE, META, LIBRARIES, DEVEL, FAMILY_DEVEL], [MI300, RX])

    (choice,) = release.choices
    assert (choice.target, choice.family) == ("gfx942", "gfx94X-dcgpu")
    assert [(part.label, part.extras) for part in choice.parts] == [
        ("Libraries", ("libraries-gfx94x-dcgpu",)),
        ("Development files", ("devel-gfx94x-dcgpu",)),
    ]


def test_a_part_brings_all_that_it_requires():
    (release,) = releases([CORE, META, LIBRARIES, DEVEL, FAMILY_DEVEL], [MI300])

    assert release.files == ("rocm-10.1.0.whl", "rocm-sdk-core-10.1.0.whl")
    assert release.choices[0].parts[1].files == (
        "devel-gfx94x-dcgpu-10.1.0.whl",
        "libraries-gfx94x-dcgpu-10.1.0.whl",
        "rocm-sdk-core-10.1.0.whl",
        "rocm-sdk-devel-10.1.0.whl",
    )


def test_the_narrowest_family_wins():
    wide = file("libraries-dcgpu-all", "libraries", "dcgpu-all")

    (release,) = releases([META, LIBRARIES, wide], [MI300, MI350])

    assert [(choice.target, choice.family) for choice in release.choices] == [
        ("gfx942", "gfx94X-dcgpu"),
        ("gfx950", "dcgpu-all"),
    ]


def test_device_code_comes_with_the_libraries():
    device = file("rocm-sdk-device-gfx942", "device", "gfx942")
    libraries = file("rocm-sdk-libraries", "libraries")
    profiler = file("rocm-profiler", "profiler")

    (release,) = releases([META, device, libraries, DEVEL, profiler], [MI300])

    assert [part.extras for part in release.choices[0].parts] == [
        ("libraries", "device-gfx942"),
        ("devel",),
        ("profiler",),
    ]


def test_a_family_that_no_gpu_is_known_for_can_be_chosen_by_its_name():
    (release,) = releases([META, file("libraries-gfx99x", "libraries", "gfx99X")], [MI300])

    assert [(choice.product, choice.target) for choice in release.choices] == [("gfx99X", "gfx99X")]


def test_without_families_there_is_one_choice_for_any_gpu():
    (release,) = releases([META, CORE, DEVEL], [MI300])

    assert [(choice.product, [part.extras for part in choice.parts]) for choice in release.choices] == [
        ("Any GPU", [("devel",)])
    ]


def test_without_the_meta_distribution_parts_have_their_own_names():
    (release,) = releases([CORE, LIBRARIES], [MI300])

    assert release.meta == ""
    assert release.choices[0].parts[0].distributions == ("libraries-gfx94x-dcgpu",)


def test_each_version_has_its_own_choices_and_yanked_files_are_in_none():
    files = [
        file("rocm", "meta", version="10.2.0"),
        file("rocm-sdk-devel", "devel", version="10.2.0", yanked="broken"),
        META,
        DEVEL,
    ]

    newer, older = releases(files, [])

    assert (newer.version, newer.choices[0].parts) == ("10.2.0", ())
    assert [part.package for part in older.choices[0].parts] == ["devel"]


def test_the_version_of_a_carried_wheel_is_no_release():
    carried = file("rocm-bootstrap", "bootstrap", version="2026.1")

    (release,) = releases([carried, META, CORE], [])

    assert release.version == "10.1.0"
