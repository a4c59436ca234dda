"""The contract: what Sidetrack relies on in Jellyfin, one fact per test."""
