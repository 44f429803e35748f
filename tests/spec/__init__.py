"""The specification's tables, cell by cell, against the real door."""
