"""From printed cells to rows: headings, column maps, dates, values, measures and places."""
