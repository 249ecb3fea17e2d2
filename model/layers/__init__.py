"""Streaming network layers with typed, slotted state, shared by engines."""
