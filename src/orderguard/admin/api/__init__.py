"""The admin API below `/admin/v1`: a table of operations, each described once.

A file per noun holds its rows, its functions and the words and examples that OpenAPI shows; the
JSON of a noun is in `wire/`. A row names method, path, function, scope, words and refusals; the
types of its body and answer are the annotations of its function. `resource` admits the caller and
decodes the body before it calls the function, so a function cannot forget to; it reads the
merchant from its `Call`. `table` lists all rows; `description` gives them to OpenAPI.

To add an operation, add a row to its noun. Lists are members of an object and are paged with
`limit` and `cursor`. Functions raise domain errors; `errors` maps each to its status. An id that
belongs to another merchant raises `NotFound`.
"""
