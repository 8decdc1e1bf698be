"""Recordings of events, webhooks and REST calls, of the real Daily or of a timeline; scenario files made of them."""
