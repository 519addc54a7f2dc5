"""A wheel as a file: the bytes of a zip archive, and how they are written."""
