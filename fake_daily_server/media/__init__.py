"""Audio and video of rooms: legs, the mixer and its clock, WebRTC (docs/architecture.md). Loads no numpy by itself."""
