"""Networks that turn acoustic features into samples, and the joins between their chunks."""
