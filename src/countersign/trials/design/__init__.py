"""The design of a trial: its plan, what is counted, and what a watchlist make-up would give."""
