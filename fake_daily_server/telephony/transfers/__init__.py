"""Transfers: calls that leave their room, bridged to a target here (sipCallTransfer) or by a REFER (sipRefer).

`transfers` has all of them; `bridged_transfer` and `refer_transfer` are the two kinds, `ongoing_transfer` is what they
have in common.
"""
