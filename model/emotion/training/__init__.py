"""How the emotion reader's weights were made, from nothing: ``compose`` writes descriptions, ``train`` learns them."""
