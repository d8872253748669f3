"""Outside the log: monitors, reading over HTTP, and witnesses."""
