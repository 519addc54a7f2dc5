"""The channels of packaging_specs/index.toml."""

from __future__ import annotations

from rules.loading.index_spec import read_index_spec
from tests.support.places import SPECS
from tools.dist.channels import Channel

CHANNELS = tuple(
    Channel(name=row.name, pattern=row.pattern, first_of_week=row.first_of_week, days=row.days)
    for row in read_index_spec(SPECS).channels
)
