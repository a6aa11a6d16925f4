"""Where the order goes, as a country and perhaps a subdivision (contract §2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from orderguard.domain.errors import Malformed
from orderguard.domain.money import shortened

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_SUBDIVISION = re.compile(r"[A-Za-z0-9]{1,3}")
_EXPECTED = 'expected an ISO 3166 code such as "US" or "US-OH", or {"country": "US"}.'


class MalformedSubdivision(Malformed):
    """The country is right, and what should be a code within it is none."""


@dataclass(frozen=True, slots=True)
class Region:
    """An ISO 3166-1 alpha-2 country and the ISO 3166-2 subdivision within it, in upper case.

    Only the form is checked. A list of codes ages, and a code we do not know yet must not cost a
    shop its offers.
    """

    country: str
    subdivision: str | None = None

    @classmethod
    @lru_cache(maxsize=1_024)  # it keeps texts, and this class lives as long
    def parse(cls, text: str) -> Self:
        """Reads `US` or `US-OH`, in any case. Raises `Malformed`, or `MalformedSubdivision`."""
        country, dash, subdivision = text.partition("-")
        return cls.of(country, subdivision if dash else None)

    @classmethod
    def of(cls, country: str, subdivision: str | None = None) -> Self:
        """Reads the parts; the subdivision may repeat the country (`US-OH`).

        Raises `Malformed`, or `MalformedSubdivision` when only the subdivision is.
        """
        if not _COUNTRY.fullmatch(country):
            raise Malformed(f"{shortened(country)} is not a country code; {_EXPECTED}")
        if subdivision is None:
            return cls(country.upper())
        short = subdivision
        if subdivision.upper().startswith(f"{country.upper()}-"):
            short = subdivision[3:]
        if not _SUBDIVISION.fullmatch(short):
            raise MalformedSubdivision(
                f"{shortened(subdivision)} is not a subdivision code; {_EXPECTED}"
            )
        return cls(country.upper(), short.upper())

    def __str__(self) -> str:
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country
