"""What others use to talk to the server. Imports ``streaming`` only: the same wire code as the server."""
