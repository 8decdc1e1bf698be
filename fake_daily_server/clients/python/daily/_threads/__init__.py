"""Threads of the stand-in: the I/O loop that all clients share, and the threads that run user callbacks."""
