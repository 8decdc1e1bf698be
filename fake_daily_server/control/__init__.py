"""The control API under `/_sim`, for tests in any language: phones, rooms, scripted participants, the timeline."""
