"""What an artifact is: its manifest, its names, what stands in it and where."""
