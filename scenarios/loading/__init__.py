"""Loads scenarios from YAML files, and reports every problem of a file with its line and column."""
