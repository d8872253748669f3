"""Following forces over time: the library's folder and its own log, what changed, letters, and fetching."""
