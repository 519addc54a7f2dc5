"""The trace of a run in the Trace Event format, and the last few of them."""
