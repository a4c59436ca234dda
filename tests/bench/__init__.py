"""The benchmark: `make bench`, or tests/bench/run --help."""
