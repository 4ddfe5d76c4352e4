"""What is kept from one build for the next, under hashes of all that it rests on; the build side only."""
