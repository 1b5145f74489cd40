"""What a notebook calls for its point: its record, and how that is read; knows of no page."""
