"""Programs for working on this project: they write files from the sources. Not part of the distribution."""
