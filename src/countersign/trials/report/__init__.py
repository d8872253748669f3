"""The report of a trial: figures, answers, pages and plain data."""
