"""Recognised text tables to the three typed tables: leads, activities, changes."""
