"""The settings of a client: its inputs, what it publishes, and what it subscribes to."""
