"""The report of a test: what was expected, the ladder of messages, what each call carried, and all records, as HTML."""
