"""Scenarios: the real binary between real clients and stand-in servers."""
