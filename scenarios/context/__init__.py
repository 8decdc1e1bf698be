"""The run-time context of steps: rooms, clients, phones and variables, and the events and requests received so far."""
