"""Sound in rooms: legs of every kind, the mixer and its clock (docs/architecture.md). Importing it loads no numpy."""
