"""Commands on a trial."""
