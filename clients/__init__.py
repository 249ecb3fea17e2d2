"""What others use to talk to the server. Imports ``streaming`` only: the same wire code as the server.

``client`` is the asyncio one (``connect``), ``sync`` its blocking twin, ``player`` a sound card through the jitter
buffer, ``wav`` files, ``bench`` what measures a server from outside.
"""

from .client import Host, connect
from .speech import Speech

__all__ = ["Host", "Speech", "connect"]
