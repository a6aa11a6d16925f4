"""A draft of the configuration as a form: the same document as its text (ADR 0034)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from orderguard.actions.configuration_source.reading import read_document
from orderguard.actions.manage_drafts import DraftChanged, find_problems, save_draft
from orderguard.actions.preview_prices import preview_prices
from orderguard.admin.configuration_form.binding import BoundPart, FormTooLarge, bind
from orderguard.admin.configuration_form.editing import edited, pressed
from orderguard.admin.configuration_form.problems import messages_by_name, placed_problems
from orderguard.admin.console.draft_frame import (
    complaint,
    draft_path,
    frame,
    load_draft,
    revision_of_form,
    saved_and_then,
    text_of_form,
)
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.configuration.exclusion import LineConditions
from orderguard.domain.configuration.setting import members_of
from orderguard.domain.coverage_mode import MODE_LABELS
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.people.account import Role
from orderguard.domain.region import Region
from orderguard.domain.what_if.price_preview import Shopper

MODES = tuple(MODE_LABELS.items())

LINE_FIELD_WORDS = {
    name: member.setting.label for name, member in members_of(LineConditions).items()
}

SOURCE_AT_MOST = 100_000
"""Characters; the form carries the text, which is parsed at every keystroke."""

ANYBODY = Shopper(Region("US"))


@dataclass(frozen=True, slots=True)
class FormView:
    """The state of the form's display: problems by control, and which entry to open.

    `about` names the entry whose button was pressed.
    """

    problems: Mapping[str, list[str]]
    about: str
    line_fields: Mapping[str, str] = field(default_factory=lambda: LINE_FIELD_WORDS)

    def is_open(self, name: str) -> bool:
        """Whether an entry is unfolded: it has a problem, or its button was just pressed."""
        inside = (f"{name}.", f"{name}[")
        return any(each == name or each.startswith(inside) for each in (*self.problems, self.about))

    def focus(self, name: str) -> str:
        """The `autofocus` attribute for the entry whose button was pressed."""
        return Markup(" autofocus") if self.about == name else ""


class ConfigurationFormPages:
    """The pages of a draft's form: show, save, list buttons, and check while typing."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._database = parts.database
        form = draft_path(DraftId("{draft_id}"), "/form")
        self.rows = (
            PageRow("GET", form, Role.VIEWER, self.show),
            PageRow("POST", form, Role.EDITOR, self.send),
            PageRow("POST", f"{form}/check", Role.EDITOR, self.check),
        )

    def show(self, request: PageRequest) -> Reply:
        draft, _ = load_draft(self._parts, request)
        return self._page(request, draft.source, draft.revision)

    def send(self, request: PageRequest) -> Reply:
        """Save the form; or add, move or remove an entry of a list.

        Only saving stores the draft; list buttons change the form alone.
        """
        source = _typed(request)
        button = request.form.text("do") or "save"
        if button == "save":
            return self._save(request, source)
        try:
            _check_size(source)
            after, about = pressed(source, button)
        except FormTooLarge:
            # The submitted values made the form too large: the draft is shown as text instead.
            return self._page(request, source, revision_of_form(request))
        return self._page(
            request,
            after,
            revision_of_form(request),
            about=about,
            widens=button.startswith("wide "),
        )

    def _save(self, request: PageRequest, source: str) -> Reply:
        try:
            draft = save_draft(
                self._database,
                request.merchant.id,
                DraftId(request.values["draft_id"]),
                source,
                expected_revision=revision_of_form(request),
                change=request.change,
                source_limit=self._parts.source_limit,
            )
        except InvalidDocument as error:
            return self._page(request, source, revision_of_form(request), problem=complaint(error))
        except DraftChanged as error:
            # The page now has the latest revision: saving again overwrites the other user's change.
            problem = f"{error} What you typed is still here; saving again replaces theirs."
            return self._page(request, source, error.current.revision, problem=problem)
        count = len(find_problems(draft.source, self._parts.compiler))
        left = f" {errors_to_fix(count)}." if count else ""
        return SeeOther(request.to(saved_and_then(request, draft.id, "/form")), f"Saved.{left}")

    def check(self, request: PageRequest) -> Reply:
        """The problems of the form as typed so far, and the prices of sample carts."""
        source = _typed(request)
        if not request.is_fragment:
            return self._page(request, source, revision_of_form(request))
        draft, published = load_draft(self._parts, request)
        return Rendered(
            "configuration_check.html.j2",
            {
                **frame(request, draft, published),
                **self._findings(request, source, _bound(source)[0]),
            },
        )

    def _page(
        self,
        request: PageRequest,
        source: str,
        revision: int,
        *,
        problem: str = "",
        about: str = "",
        widens: bool = False,
    ) -> Reply:
        bound, unshown = _bound(source, about if widens else "")
        draft, published = load_draft(self._parts, request)
        context: dict[str, Any] = {
            **frame(request, draft, published),
            "bound": bound,
            "unshown": unshown,
            "source": source,
            "revision": revision,
            "problem": problem,
        }
        if bound:
            context |= self._findings(request, source, bound)
            context["view"] = FormView(messages_by_name(context["placed"]), about)
        return Rendered("configuration_form.html.j2", context, status=409 if problem else 200)

    def _findings(
        self, request: PageRequest, source: str, bound: tuple[BoundPart, ...]
    ) -> dict[str, Any]:
        found = find_problems(source, self._parts.compiler)
        placed = placed_problems(bound, found)
        preview = None
        if not found:
            with self._database.read() as work:
                preview = preview_prices(
                    work,
                    self._parts.compiler,
                    self._parts.find_configuration,
                    request.merchant.id,
                    source,
                    ANYBODY,
                    clock=self._parts.clock,
                )
        return {
            "placed": placed,
            "preview": preview,
            "modes": MODES,
        }


def errors_to_fix(count: int) -> str:
    """The number of problems in words: `1 error to fix`."""
    return f"{count} {'error' if count == 1 else 'errors'} to fix"


def _typed(request: PageRequest) -> str:
    """The text with the submitted values. Raises `FormTooLarge` if it is too large for a form."""
    source = text_of_form(request)
    _check_size(source)
    return edited(source, request.form)


def _check_size(source: str) -> None:
    if len(source) > SOURCE_AT_MOST:
        raise FormTooLarge


def _bound(source: str, wide: str = "") -> tuple[tuple[BoundPart, ...], str]:
    """The form; or None, and the reason why it cannot be shown."""
    try:
        _check_size(source)
        return bind(read_document(source), wide), ""
    except InvalidDocument as error:
        return (), f"A form needs a text that can be read. {error}"
    except FormTooLarge as error:
        return (), str(error)
