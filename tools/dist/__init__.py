"""The finished set: flat directory, index, checks, publishing."""
