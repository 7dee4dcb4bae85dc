"""Git: the only room that runs the ``git`` command or imports dulwich."""
