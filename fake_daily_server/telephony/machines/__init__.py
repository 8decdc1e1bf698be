"""The call machines: what happens to a call and what the server does about it, as tables without I/O and clocks.

`machine` runs a table; `inputs` are what happens, `outputs` what is to be done. `dialout` and `dialin` are the
sessions of a room, `held_caller` and `pin_caller` the callers in no room yet, `transfer` and `refer` the two kinds of
transfer. The shells in the rest of the package feed inputs and perform outputs. docs/reference/machines.md shows
the tables.
"""
