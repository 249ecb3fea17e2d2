"""The places an engine can live; each host is an engine itself."""
