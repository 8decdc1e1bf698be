"""What tests work with: clients, rooms, a webhook receiver, and waits that explain their failure."""
