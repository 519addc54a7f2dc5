"""How fast a build is, beside what it is compared with. ``python -m tools.bench`` runs it."""
