"""Measurements of the one door: beside what Django makes easy, and beside the best that SQL can do."""
