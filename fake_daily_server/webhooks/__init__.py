"""Webhooks: what the domain's own servers are told of, signed, in order, and again when they fail.

Facts: https://docs.daily.co/reference/rest-api/webhooks and its pages about each event.
"""
