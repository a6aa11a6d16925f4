"""The JSON of the admin API: what each noun is sent and answered as. All camelCase lives here."""
