"""What a run is asked for decides what the sdist is built for, and which tasks leave their work to others."""

from __future__ import annotations

from rules.develop import Asked


def test_a_family_covers_itself_and_what_is_generic():
    asked = Asked()
    assert not asked.covers("generic")

    asked.add("gfx94X-dcgpu")
    asked.add("gfx94X-dcgpu")

    assert asked.families == ["gfx94X-dcgpu"]
    assert asked.covers("gfx94X-dcgpu")
    assert asked.covers("generic")
    assert not asked.covers("gfx120X-all")
