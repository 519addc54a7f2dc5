"""What a run prints: the live view, a line a task, the table and the last line."""
