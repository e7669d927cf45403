"""Files to text tables: header, rows as they stand in the file, dialect; nothing is understood yet."""
