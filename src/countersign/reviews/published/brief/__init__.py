"""The brief: at most six points, strongest first, a few charts, cards to quote, and what to ask for next."""
