"""Reports of a run: live on the console, a summary, and JUnit XML."""
