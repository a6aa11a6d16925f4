"""The view that the offer box posts to."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from orderguard_oscar.mixins import BOX, SHOWN
from orderguard_oscar.offering import checkout_of

log = logging.getLogger("orderguard.oscar")


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Store whether the shopper accepts the terms on the page, and redirect back to it."""
    try:
        with transaction.atomic():
            _note(request)
    except Exception:
        log.exception("The choice was not noted.")
    return HttpResponseRedirect(_back(request))


def _note(request: Any) -> None:
    checkout = checkout_of(request)
    if checkout is not None and checkout.open(request.basket):
        checkout.click(accepted=BOX in request.POST, shown=request.POST.get(SHOWN, ""))


def _back(request: HttpRequest) -> str:
    from oscar.core.utils import safe_referrer

    try:
        preview = reverse("checkout:preview")
    except NoReverseMatch:
        preview = "/"
    return str(safe_referrer(request, preview))
