"""Commands on what is made up."""
