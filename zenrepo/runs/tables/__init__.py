"""The tables of the journal, and the file that holds them."""
