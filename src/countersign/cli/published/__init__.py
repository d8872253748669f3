"""Commands on published data."""
