"""Hours of calls on one server that is never reset: what it holds must not grow."""
