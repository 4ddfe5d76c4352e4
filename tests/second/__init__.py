"""A slow, plain second computation, written apart from the product's SQL, to check its figures against."""
