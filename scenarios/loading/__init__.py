"""From YAML files to scenarios, and every problem of a file with its line and column."""
