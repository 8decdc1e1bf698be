"""Speech in words: voices that say texts, and the user's function that transcribes what was heard."""
