"""From queued runs to ended ones: started, resumed, superseded, executed by a worker."""
