"""The commands that answer questions: doit explain, why, info, diff and help."""
