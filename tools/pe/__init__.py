"""Reads Portable Executable files: programs and DLLs of Windows. A PE file is never edited: signatures would break."""
