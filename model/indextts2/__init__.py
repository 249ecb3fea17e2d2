"""IndexTTS-2, written from its published architecture; loads the official checkpoint files."""
