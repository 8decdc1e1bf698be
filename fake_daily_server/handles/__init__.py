"""What a test holds: clients, rooms, a receiver of webhooks, and the waits that explain themselves."""
