"""What is known of the data behind the figures: checks, whom they blame, grades, history, and what to do."""
