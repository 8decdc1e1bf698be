"""What daily-python's compiled module does at its surface: argument checks, error texts, classes that are final."""
