"""The WebSocket at a room URL: requests of clients, events, and media (docs/signalling.md)."""
