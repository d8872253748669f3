"""Commands on duties."""
