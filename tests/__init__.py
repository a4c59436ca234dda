"""The tests that are written in Python: stand-ins, contract, scenarios."""
