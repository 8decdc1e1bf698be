"""The settings of a client: inputs, publishing and subscriptions. All error texts are daily-python's, verbatim."""
