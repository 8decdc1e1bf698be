"""What a worker does for each command of its parent."""
