"""What Windows asks of wheels: names of files, DLLs that find each other, the order they are loaded in."""
