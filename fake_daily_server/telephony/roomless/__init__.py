"""Callers in no room yet: held until pinlessCallUpdate moves them (pinless, SIP interconnect), or dialling a code.

`callers` has all of them; `held_caller` and `pin_caller` are the two kinds, `caller` is what they have in common.
"""
