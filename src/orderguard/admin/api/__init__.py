"""The admin API: resources under `/admin/v1`, for API keys with the scope `admin`.

To add one: a file per noun with Falcon resources that take the `AdminDesk`, their routes in the
table of `admin/application.py`, their description in `http/openapi/admin_<noun>.py`. JSON is
camelCase; a list is a member of an object and is paged with `limit` and `cursor`; errors are raised
as what they are and get their status in `admin/api/errors.py`. Another merchant's id raises
`NotFound`.
"""
