"""A stand-in Jellyfin: the part Sidetrack relies on, in memory.

What it does is written down, with its source, by tests/contract, which runs
against this and against a real server.
"""
