"""What the product knows in words: contracts of extracts, reference lists, dimensions and indicator entries."""
