"""What is wrong with a data set: checks that each return findings, and what may be done about them."""
