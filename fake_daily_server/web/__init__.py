"""HTTP: the server, its listening socket, CORS, signatures, error responses, and the call machine."""
