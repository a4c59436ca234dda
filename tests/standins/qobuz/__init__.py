"""A stand-in for Qobuz's API and CDN, with an invented catalogue.

Every endpoint has the fields the real one was recorded with; the newer ones
have the shapes that their clients read.
"""
