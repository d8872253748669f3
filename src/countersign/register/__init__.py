"""Acts on a log, without a terminal or a web page."""
