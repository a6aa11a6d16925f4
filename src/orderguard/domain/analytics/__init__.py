"""Analytics: facts, reports, experiment results."""
