"""`pytest --daily-server URL`: a fake Daily in another process, with the methods of `FakeDaily`."""
