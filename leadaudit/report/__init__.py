"""What leaves the house: the report page, the decision workbook, the files for machines."""
