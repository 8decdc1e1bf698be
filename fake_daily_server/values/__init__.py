"""Values that every layer shares: ids, participants, requests, properties, errors, and how they are checked."""
