"""What will come: which open requests will pass their due date, and the share within standard in the next months."""
