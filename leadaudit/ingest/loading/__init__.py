"""Text tables into the embedded database: every line accounted for, rows that are no data set aside."""
