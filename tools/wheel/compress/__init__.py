"""Contents become deflate streams: whole, or in pieces that join."""
