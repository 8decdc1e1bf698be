"""Tests of tests: what goes wrong in production is done to a test on purpose; does it notice? (docs/mutants.md)."""
