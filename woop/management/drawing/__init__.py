"""docs/states.md, drawn from what django-fsm was told.

moves.py     every legal move of a machine, with what it needs
views.py     which part of a machine is drawn how: the only thing here that a person chose
diagrams.py  moves to Mermaid, exactly: what a diagram leaves out is an error
tables.py    statuses, links and sources as Markdown tables
page.py      all of it in one page
"""
