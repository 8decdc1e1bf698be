"""Describes timeline records as text."""
