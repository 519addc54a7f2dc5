"""What a job is given: threads, memory, kept contents, what can be reused, and counters of progress."""
