"""Words: the only place where a number, an interval, a date, a list, a plural or a code becomes English."""
