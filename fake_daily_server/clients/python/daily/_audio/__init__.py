"""Audio of a client: what a program writes on its way to the room, and what the room sends on its way to the program.

Out: `CustomAudioSource` or microphone → `AudioOutput` (keeps time) → `AudioSender` → messages.
In: messages → `AudioReceiver` → `AudioRenderer` callbacks, and the selected speaker.
"""
