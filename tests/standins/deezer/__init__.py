"""A stand-in for Deezer's public API, with an invented catalogue.

Every endpoint has the fields the real one was recorded with, and lacks those
the real one lacks.
"""
