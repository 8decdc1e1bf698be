"""Audio and video of rooms: legs, the mixer and its clock, WebRTC (docs/architecture.md). Does not import numpy."""
