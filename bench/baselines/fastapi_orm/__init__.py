"""`POST analyze` as a good team would usually write it: FastAPI, Pydantic, SQLAlchemy ORM.

It is the baseline of the benchmark, and means to be a fair one: asynchronous throughout, uvloop and
httptools, a connection pool with room for every caller, one transaction and two statements per
request, keys and the configuration in memory. It answers what Orderguard answers for the
benchmark's carts, and leaves out what Orderguard does besides: CORS and request ids, metrics, a log
line per decision, tolerance for money in many spellings, merchants' rules, experiments.
"""
