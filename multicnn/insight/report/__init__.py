"""The page that tells all about a run, and the model card: what was learnt, how good it is, where it fails."""
