"""HTTP itself: the server, its listening socket, CORS, signatures, error answers, and the call machine."""
