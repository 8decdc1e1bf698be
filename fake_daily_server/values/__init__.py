"""Values that every layer shares: identifiers, participants, requests, properties, errors, and their validation."""
