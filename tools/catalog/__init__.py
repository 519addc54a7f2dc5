"""What an artifact directory holds: names, sizes, digests, ELF facts."""
