"""The console: server-rendered pages for people, below `/console`.

To add a page, touch four things:

1. `admin/console/<noun>.py`: a class that is given `ConsoleParts` (database and the like) and has a
   `rows` tuple of `PageRow`s. A row is method, path below the merchant (`/keys/{key_id}/revoke`),
   the role it needs, and a handler `(PageRequest) -> Reply`. Handlers are plain functions:
   they run in a thread, so they may use the database.
2. `page_table.py`: the class, in the list of nouns.
3. `templates/<noun>.html.j2`, which extends `base.html.j2` and takes tables, forms and the rest
   from `parts.html.j2`. No inline script or style: the content security policy refuses them.
4. `navigation.py`, if it is a section; a section is shown once its path is in the table.

What a `PageRequest` brings: `merchant`, `account`, `role`, `at`, `change` for actions, `values` of
the path, `query` and `form` (`.text("name")`, `.all("name")`), `to("/keys")` for links. What a
handler returns: `Rendered("keys.html.j2", {…})`, `SeeOther(request.to("/keys"), "Key revoked.")`
with a message for the next page, or `Download(…)`. `request.is_fragment` is true for htmx.

`resource` and `dependencies` do the rest: no session → sign-in; no membership → 404; role not
enough → 403; a POST without its form token or from another origin → 403. A row that changes
data needs `EDITOR` or `OWNER`.
Every form begins with `{{ parts.form_token(shell) }}` (or uses `parts.form`). Errors that are
raised become pages: `NotFound` 404, `Malformed` and the like 400; a form that can be corrected
should catch these errors and be shown again with `status=422`.
"""
