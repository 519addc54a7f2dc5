"""In which order the members of a wheel are read, compressed and written, and who waits for whom."""
