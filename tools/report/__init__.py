"""One offline page that shows where the bytes of a dist are, and what grew."""
