"""Tables and findings from records alone: no model, nothing that trains."""
