"""Execution: the programs that the doit tasks run, one package a step, in the order of the data.

``catalog`` reads artifacts, ``plan`` decides what goes where, ``wheel`` writes, ``dist`` gathers and indexes.
Nothing here imports ``rules`` or doit.
"""
