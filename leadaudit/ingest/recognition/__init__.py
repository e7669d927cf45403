"""What a table is, which CRM wrote it, and which of its columns plays which role."""
