"""Sessions and sockets; asyncio only, never torch.

``app`` composes: build, warm, serve, drain, stop. A connection comes in through ``transports`` past ``access`` and
``admission`` to ``sessions``, which begins a ``session`` or finds it again. ``handling`` does what each message asks.
An ``utterance`` is one thing said: its ``script`` (text → segments), the engine's stream, its ``outlet`` (sound →
packets), its ``outbox``. The ``speaker`` sends what the outboxes hold, as far ahead of the ``pacer`` as the lead
allows, over the ``wire``, which keeps a ``replay`` for a client that comes back.

``cli`` and ``commands`` are the ``seiyuu`` command; ``config`` alone reads the environment.
"""
