"""The page of a running server: its rooms, phones and messages as they happen, and forms for the public routes."""
