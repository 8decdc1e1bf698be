"""Values that all layers share: ids, participants, requests, properties and errors, and their validation."""
