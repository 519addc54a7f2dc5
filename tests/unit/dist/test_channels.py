from __future__ import annotations

from datetime import UTC, datetime

from tests.support.channels import CHANNELS
from tools.dist.channels import channel_of, too_old


def test_each_version_has_the_channel_that_its_form_says():
    found = channel_of(
        ["10.1.0.dev0", "10.1.0.dev0+abc", "10.1.0a20260105", "10.1.0a20260106", "10.1.0rc1", "10.1.0", "10.1.0.post1"],
        CHANNELS,
    )

    assert {version: channel.name for version, channel in found.items()} == {
        "10.1.0.dev0": "dev",
        "10.1.0.dev0+abc": "dev",
        "10.1.0a20260105": "weekly",
        "10.1.0a20260106": "nightly",
        "10.1.0rc1": "rc",
        "10.1.0": "stable",
        "10.1.0.post1": "stable",
    }


def test_the_first_of_a_week_counts_for_each_release():
    found = channel_of(["10.1.0a20260106", "10.2.0a20260105", "10.1.0a20260112", "10.1.0a20260231"], CHANNELS)

    assert {version: channel.name for version, channel in found.items()} == {
        "10.1.0a20260106": "weekly",
        "10.1.0a20260112": "weekly",
        "10.2.0a20260105": "weekly",
        "10.1.0a20260231": "nightly",
    }


def test_what_is_older_than_its_channel_keeps_goes():
    uploaded = {
        "10.1.0.dev0": "2026-08-01T00:00:00Z",
        "10.1.0.dev1": "2026-08-03T00:00:00Z",
        "10.1.0": "1999-01-01T00:00:00Z",
        "10.0.0.dev0": "",
    }

    gone = too_old(uploaded, CHANNELS, datetime(2026, 9, 1, tzinfo=UTC))

    assert list(gone) == ["10.1.0.dev0"]
