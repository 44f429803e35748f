"""A pretend Sendcloud and Veloyd: a real HTTP server for demos, rehearsals and tests. Needs no database."""
