"""Callers in no room yet: held until pinlessCallUpdate moves them (pinless, SIP interconnect), or dialling a code.

`callers` manages them; `held_caller` and `pin_caller` are the two kinds, `caller` is their base.
"""
