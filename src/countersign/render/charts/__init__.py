"""Charts: one module a type, all on one canvas; each becomes SVG."""
