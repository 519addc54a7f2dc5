"""ELF facts, RPATH rewriting in memory, and the small programs and libraries that stand in for links."""
