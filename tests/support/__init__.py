"""What contract and scenario tests share: processes, clients, waiting."""
