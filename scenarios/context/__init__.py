"""What the steps of a scenario run with: its room, clients, phones and variables, and what they have received."""
