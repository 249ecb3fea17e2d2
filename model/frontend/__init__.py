"""Text to reading: normalise, split by language, pronounce, keeping the place each sound came from."""
