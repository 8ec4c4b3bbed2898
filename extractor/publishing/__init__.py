"""Forms in which claims are given to others: nanopublications, a search page, labelling tasks."""
