"""The JSON of the admin API: requests and answers of each noun. All camelCase lives here."""
