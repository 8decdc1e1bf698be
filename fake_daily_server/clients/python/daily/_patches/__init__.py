"""Patches to other libraries in the process, so that unmodified programs use the fake Daily."""
