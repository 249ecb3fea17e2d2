"""How the shipped weights of the compact engine were made, from nothing."""
