"""Commands that show a log to the public, and the page for giving a file."""
