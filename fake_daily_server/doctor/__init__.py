"""`daily-sim doctor`: what this machine has of what servers and tests need, and what to do where it lacks something."""
