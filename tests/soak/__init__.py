"""The soak: hours of everything at once, every byte checked. tests/soak/run --help."""
