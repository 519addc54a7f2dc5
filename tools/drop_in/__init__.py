"""Scripts that take the place of others in CI, options and results alike."""
