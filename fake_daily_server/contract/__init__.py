"""The contract of the server as JSON Schemas, generated from the models that the server itself uses."""
