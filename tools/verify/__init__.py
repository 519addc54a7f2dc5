"""Whether a finished dist keeps its promises: every wheel, the index over them, and what they are to each other."""
