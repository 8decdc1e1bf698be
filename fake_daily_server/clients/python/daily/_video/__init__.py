"""Video of a client: the frames that a program writes, and those that its renderers receive."""
