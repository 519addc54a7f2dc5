"""What doit does not do for us: state that survives a crash, one build at a time, a report for people."""
