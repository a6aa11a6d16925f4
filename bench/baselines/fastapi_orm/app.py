"""The baseline's FastAPI application. uvicorn runs `create_app`."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi_orm.models import Analysis, Base, OfferSession
from fastapi_orm.offers import Offer, make_offer
from fastapi_orm.schemas import AnalyzeRequest, AnalyzeResponse, ChargeInstructions, Metadata
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

MERCHANTS_BY_KEY = {sha256(os.environ["BASELINE_KEY"].encode()).digest(): "mer_bench"}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # A connection for each of the 32 callers: nobody waits for the pool.
    engine = create_async_engine(os.environ["BASELINE_DATABASE_URL"], pool_size=32, max_overflow=0)
    async with engine.begin() as connection:
        # Workers start together, and only one of them can make a table.
        await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        await connection.run_sync(Base.metadata.create_all)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


async def database(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


async def merchant(x_authorization: Annotated[str, Header()] = "") -> str:
    found = MERCHANTS_BY_KEY.get(sha256(x_authorization.encode()).digest())
    if found is None:
        raise HTTPException(401, "Unauthorized.")
    return found


async def analyze(
    request: AnalyzeRequest,
    merchant_id: Annotated[str, Depends(merchant)],
    session: Annotated[AsyncSession, Depends(database)],
) -> AnalyzeResponse:
    offer = make_offer(request)
    offer_session = await _record(session, merchant_id, request, offer)
    return _response(offer, offer_session)


async def _record(
    session: AsyncSession, merchant_id: str, request: AnalyzeRequest, offer: Offer
) -> OfferSession:
    at = datetime.now(UTC)
    statement = insert(OfferSession).values(
        id=f"lop_{secrets.token_hex(10)}",
        merchant_id=merchant_id,
        cart_id=request.cartId,
        created_at=at,
        updated_at=at,
        analysis_count=1,
    )
    statement = statement.on_conflict_do_update(
        index_elements=[OfferSession.merchant_id, OfferSession.cart_id],
        set_={"updated_at": at, "analysis_count": OfferSession.analysis_count + 1},
    )
    offer_session = (await session.scalars(statement.returning(OfferSession))).one()
    session.add(
        Analysis(
            session_id=offer_session.id,
            ordinal=offer_session.analysis_count,
            analysed_at=at,
            reason=offer.reason,
            cart=request.model_dump(mode="json"),
            offer={"prices": [price.model_dump(mode="json") for price in offer.prices]},
        )
    )
    await session.commit()
    return offer_session


def _response(offer: Offer, offer_session: OfferSession) -> AnalyzeResponse:
    return AnalyzeResponse(
        sessionId=offer_session.id,
        eligible=offer.eligible,
        reason=offer.reason,
        mode=[price.mode for price in offer.prices] or None,
        chargeInstructions=ChargeInstructions(
            amount=sum(price.amount for price in offer.prices),
            currencyCode=offer.prices[0].currencyCode,
        )
        if offer.prices
        else None,
        metadata=Metadata(
            priceBreakdown=offer.prices,
            sessionCreated=offer_session.analysis_count == 1,
            analysisCount=offer_session.analysis_count,
        ),
    )


def create_app() -> FastAPI:
    app = FastAPI(lifespan=lifespan)
    app.post("/v1/analyze")(analyze)
    return app
