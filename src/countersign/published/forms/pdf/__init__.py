"""PDF tables: words with positions, headings, rows and cells."""
