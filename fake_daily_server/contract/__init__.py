"""The contract of the server as JSON Schemas, which are generated from the models that the code uses."""
