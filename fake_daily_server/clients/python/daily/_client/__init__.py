"""CallClient and its verbs, grouped by topic."""
