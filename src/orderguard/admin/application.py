"""What answers where, below `/admin/v1` and `/console`: the tables of routes."""

from __future__ import annotations

from orderguard.admin.api.audit import AuditResource
from orderguard.admin.api.desk import AdminDesk
from orderguard.admin.api.errors import answer_admin_error
from orderguard.http.app import Area

ADMIN_BASE = "/admin/v1"


def admin_area(desk: AdminDesk) -> Area:
    """The admin API. One row per path; resources take what they need from the desk."""
    routes = {
        "/audit": AuditResource(desk),
    }
    return Area(
        prefix="/admin/",
        routes={ADMIN_BASE + path: resource for path, resource in routes.items()},
        answer_error=answer_admin_error,
    )
