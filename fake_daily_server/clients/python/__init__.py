"""The folder to put first on PYTHONPATH, so that `import daily` finds the stand-in for daily-python."""
