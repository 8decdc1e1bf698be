"""The WebSocket at a room URL: Daily's client verbs as requests, Daily's events as pushes (docs/signalling.md)."""
