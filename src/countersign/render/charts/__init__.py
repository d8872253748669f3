"""Charts: all on one canvas; each becomes SVG."""
