"""The call machines: state tables, without I/O or clocks, that define how the server reacts to what happens to a call.

`machine` runs a table; `inputs` report what has happened, `outputs` say what to do. `dialout` and `dialin` are the
sessions of a room, `held_caller` and `pin_caller` the callers in no room yet, `transfer` and `refer` the two kinds of
transfer. The shells in the rest of the package feed inputs and perform outputs. docs/reference/machines.md shows
the tables.
"""
