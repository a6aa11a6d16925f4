"""What a merchant configures: settings, rules, prices, experiments, and how the text is read."""
