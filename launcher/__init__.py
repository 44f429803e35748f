"""What `make` does once the environment stands. It imports no Django: its children do."""
