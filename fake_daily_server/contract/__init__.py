"""The contracts of this server as files: JSON Schemas made from the models that the code itself uses."""
