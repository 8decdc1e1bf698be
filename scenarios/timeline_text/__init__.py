"""Timeline records in words."""
