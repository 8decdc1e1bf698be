"""Speed and size, measured on this machine: `python -m benchmarks` (docs/benchmarks.md says what each figure is)."""
