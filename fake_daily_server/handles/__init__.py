"""The handles of tests: clients, rooms, a webhook receiver, and waits that explain why they failed."""
