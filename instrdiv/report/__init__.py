"""What a notebook calls for its point, the one place that sees both halves; knows of no page."""
