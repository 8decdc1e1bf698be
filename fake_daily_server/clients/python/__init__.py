"""The folder to put first on PYTHONPATH: its `daily` then stands in for daily-python."""
