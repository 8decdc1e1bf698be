"""Generators of committed files from the sources of this project. Not part of the distribution."""
