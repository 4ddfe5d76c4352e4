"""What the data must satisfy: one suite a table, named as the table, and the domain's own expectations."""
