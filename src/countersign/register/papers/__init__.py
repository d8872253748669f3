"""Papers: how they are read, filled in and written as templates."""
