"""The media of one client: applies its settings to the audio and video that it sends and receives."""
