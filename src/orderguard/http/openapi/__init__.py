"""The OpenAPI document, from the same types that decode requests and encode answers.

Each resource describes itself in a module of its own, as a tuple of `Route`s; `document` lists
those modules and puts them together. To add a route, add it to a tuple:

    ROUTES = (
        Route(
            method="GET",
            path="/coverages/{id}",
            bases=("/api/v1", "/api/2026-07"),
            operation_id="showCoverage",
            tag="Coverages",
            scope=Scope.ORDERS,
            summary="Show a coverage",
            description="What the shop has to honour, and until when.",
            parameters=(Parameter("id", "path", "The coverage's id.", {"type": "integer"}, 17),),
            answers=(
                Answer(200, "The coverage.", CoverageResponse, {"active": Example("Active", {…})}),
                ORDERS_UNAUTHORIZED,
                COVERAGE_NOT_FOUND,
            ),
        ),
    )

Fields are described where they are declared, by `doc` on the wire types. `body` and `Answer.body`
are such types, or `Annotated[Type, Meta(extra_json_schema={…})]` for what a type cannot say. A
path under several `bases` appears once per base; the page shows it once. An `Answer` with a `name`
is shared: it is written once, and listed in the page's table of errors. Tests hold that every
route of the application is described, that every described one exists, and that the examples are
true.
"""
