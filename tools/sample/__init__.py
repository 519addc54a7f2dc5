"""Artifact trees to try the rules on: a small compiled one, and a large one made of Debian's ROCm packages."""
