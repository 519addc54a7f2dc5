"""What an artifact is, wherever its bytes are: a directory, or an archive."""
