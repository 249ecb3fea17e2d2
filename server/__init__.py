"""Sessions and sockets; asyncio only, never torch.

``app`` composes: build, warm, serve, drain, stop. ``session`` is one connection's life, ``utterance`` one thing
said, ``outbox`` the bounded queue before a transport, ``transports`` the shells around sockets.
"""
