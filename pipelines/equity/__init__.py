"""What differs between groups of people once like is compared with like, worked out where the rows are."""
