"""A stand-in for LRCLIB's public API, with invented words."""
