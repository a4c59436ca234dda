"""Stand-ins for the servers Sidetrack talks to, with faults on demand."""
