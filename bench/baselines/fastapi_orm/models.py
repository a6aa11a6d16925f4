"""The baseline's tables, as SQLAlchemy models."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSONB, datetime: DateTime(timezone=True)}


class OfferSession(Base):
    __tablename__ = "offer_sessions"
    __table_args__ = (UniqueConstraint("merchant_id", "cart_id"),)

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(20))
    cart_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    analysis_count: Mapped[int]


class Analysis(Base):
    __tablename__ = "analyses"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("offer_sessions.id"), index=True)
    ordinal: Mapped[int]
    analysed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(64))
    cart: Mapped[dict[str, Any]]
    offer: Mapped[dict[str, Any]]
