"""The interface behaviour of daily-python's compiled module: argument checks, error texts, final classes."""
