"""The audio and video of rooms: legs, the mixer and its clock, WebRTC (docs/media.md). Importing it loads no numpy."""
