"""What happens, in order: a commit is ingested, a run is executed, a question is answered."""
