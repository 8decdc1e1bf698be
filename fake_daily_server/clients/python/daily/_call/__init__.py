"""The call of one client: its connection to the room, its participants, and the events that its program receives."""
