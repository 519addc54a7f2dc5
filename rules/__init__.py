"""Analysis: specs and artifact names in, doit tasks with declared inputs and outputs out.

The only place that imports doit. Nothing here writes a file.
"""
