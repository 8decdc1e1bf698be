"""Sound in rooms: legs of every kind, the mixer and its clock (docs/media.md). Importing it loads no numpy."""
