"""`python -m tests.connectors.oscar.testshop.serve PORT`: Django's own server, as it is."""

import os
import sys
from wsgiref.simple_server import WSGIRequestHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.connectors.oscar.testshop.settings")

from django.core.servers.basehttp import ThreadedWSGIServer, get_internal_wsgi_application


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    import django

    django.setup()
    server = ThreadedWSGIServer(("127.0.0.1", int(sys.argv[1])), Quiet)
    server.set_app(get_internal_wsgi_application())
    server.serve_forever()
