"""What was made anywhere: catalogs, receipts and wheels under what they were made from, at a URL; and objects there."""
