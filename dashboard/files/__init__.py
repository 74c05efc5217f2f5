"""The API's numbers as files to take away: CSV and XLSX; each shows the same Sheet."""
