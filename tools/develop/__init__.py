"""Develop: an environment holds what the wheels would put there, straight from the artifacts."""
