"""The media of one client: its settings applied to the audio and video that it sends and receives."""
