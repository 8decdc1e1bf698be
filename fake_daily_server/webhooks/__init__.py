"""Webhooks: events of the domain, posted to the servers that subscribed to them, signed, in order and with retries.

`service` is what the rest of the server uses. `facts_to_events` turns the facts that rooms announce into event types
and payloads; `event_table` is the table of all events that are sent here; `delivery_queue`, `sender` and `retry`
deliver them; `delivery_log` keeps every attempt.

Source: https://docs.daily.co/reference/rest-api/webhooks and its pages about each event.
"""
