"""What a scenario file may contain: types of fields, expected values, variables, Daily's options and events."""
