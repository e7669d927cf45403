"""What single headers, dates, times and amounts say: shapes first, then values."""
