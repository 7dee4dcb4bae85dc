"""The process of one step: the step is made, performed, and its answer is handed back."""
