"""The command line: thin commands over the packages, one a module; errors become a sentence and an exit code."""
