"""A configuration that a merchant published, with who and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orderguard.domain.ids import (
    ConfigurationVersion,
    MerchantId,
)


@dataclass(frozen=True, slots=True)
class PublishedConfiguration:
    """A version as it was published: the text itself, with its comments."""

    merchant: MerchantId
    version: ConfigurationVersion
    source: str
    published_at: datetime
    published_by: str
