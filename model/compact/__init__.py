"""The embedded CPU engine: packaged acoustic weights cut into stages, decoded as a stream."""
