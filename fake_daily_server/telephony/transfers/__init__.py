"""Transfers of calls out of their room: bridged to a target by the server (sipCallTransfer), or with REFER (sipRefer).

`transfers` manages them; `bridged_transfer` and `refer_transfer` are the two kinds, `ongoing_transfer` is their base.
"""
