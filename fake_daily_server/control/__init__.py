"""The control API under `/_sim`: phones, scripted participants, rooms and the timeline, for tests in any language."""
