"""Audio of a client: the path from the program to the room, and from the room to the program.

Sending: `CustomAudioSource` or microphone → `AudioOutput` (playback time) → `AudioSender` → messages.
Receiving: messages → `AudioReceiver` → `AudioRenderer` callbacks, and the selected speaker.
"""
