"""What an artifact holds: names, sizes, digests, ELF facts."""
