from __future__ import annotations

import json

from tests.support.listed_files import CORE, MI300, file
from tools.dist.targets import targets_file


def test_each_target_has_its_newest_device_wheel():
    files = [
        file("rocm-sdk-device-gfx942", "device", "gfx942", version="10.2.0", yanked="broken"),
        file("rocm-sdk-device-gfx942", "device", "gfx942", version="10.1.0"),
        file("rocm-sdk-device-gfx942", "device", "gfx942", version="10.0.0"),
        file("rocm-sdk-device-gfx999", "device", "gfx999"),
    ]

    made = targets_file(files, [MI300])

    assert json.loads(made) == {
        "targets": {
            "gfx942": {
                "distribution": "rocm-sdk-device-gfx942",
                "version": "10.1.0",
                "file": "rocm-sdk-device-gfx942-10.1.0.whl",
                "size": 1,
                "sha256": "",
                "families": ["dcgpu-all", "gfx94X-all", "gfx94X-dcgpu"],
                "product": "MI300X",
            },
            "gfx999": {
                "distribution": "rocm-sdk-device-gfx999",
                "version": "10.1.0",
                "file": "rocm-sdk-device-gfx999-10.1.0.whl",
                "size": 1,
                "sha256": "",
                "families": [],
                "product": "",
            },
        }
    }


def test_without_device_wheels_there_is_no_file():
    assert targets_file([CORE], [MI300]) is None
