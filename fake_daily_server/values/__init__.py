"""Values that all layers share: identifiers, participants, requests, properties and errors, and their validation."""
