"""HTTP itself: the server, its listening socket, CORS, signatures, error answers, the call machine's script."""
