"""Personas: what far ends do when they are called or call, as data. Knows nothing of SIP.

A persona is a YAML file: parameters with types and defaults, and steps. `script` interprets the steps without I/O;
`simulator.far_end` carries out on a call what it says.
"""
