"""Phone numbers: search, buy, list, release (https://docs.daily.co/reference/rest-api/phone-numbers)."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, model_validator

from fake_daily_server.domain.available_numbers import NumberFilter
from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import (
    AvailableNumbers,
    BoughtNumber,
    PurchasedNumbers,
    ReleasedNumber,
    responds_with,
)
from fake_daily_server.values.errors import DailyError
from fake_daily_server.values.paging import Paging
from fake_daily_server.values.validation import RequestModel

Digits = Annotated[str, Field(pattern=r"^[0-9]{3,7}$")]


class SearchNumbers(RequestModel):
    """Filters for the phone-number search; some are mutually exclusive. Digit patterns match the digits after +1."""

    model_config = ConfigDict(alias_generator=None)

    areacode: Annotated[str, Field(pattern=r"^[2-9][0-9]{2}$", examples=["305"])] | None = None
    region: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$", examples=["FL"])] | None = None
    city: Annotated[str, Field(min_length=1, max_length=100, examples=["Miami"])] | None = None
    contains: Digits | None = None
    starts_with: Digits | None = None
    ends_with: Digits | None = None

    @model_validator(mode="after")
    def _filters_can_be_combined(self) -> Self:
        self._excludes("region", "areacode")
        self._excludes("city", "areacode", "starts_with", "contains", "ends_with")
        self._excludes("starts_with", "contains", "ends_with")
        self._excludes("ends_with", "contains")
        if self.city is not None and self.region is None:
            raise ValueError("city requires region; add region, or omit city")
        return self

    def _excludes(self, one: str, *others: str) -> None:
        for other in others:
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise ValueError(f"{one} cannot be used together with {other}; omit one of them")

    def as_filter(self) -> NumberFilter:
        """The same filters as a `NumberFilter`."""
        return NumberFilter(**self.model_dump())


class BuyNumber(RequestModel):
    """The number to buy, in E.164; if absent, any Californian number."""

    model_config = ConfigDict(alias_generator=None)

    number: str | None = Field(default=None, examples=["+13055550161"])


class PurchasedQuery(Paging):
    """The query of `GET /purchased-phone-numbers`: filters, and a page whose cursors are ids of purchased numbers."""

    filter_name: str | None = None
    filter_number: str | None = None


def numbers_router(domain: DomainStore) -> APIRouter:
    """Routes to search, buy, list and release phone numbers."""
    router = api_router("phone-numbers")

    def check_vendor() -> None:
        if domain.settings.number_vendor == "down":
            raise DailyError(500, "vendor-unavailable", "Phone number unavailable: the setting number_vendor is down")

    @router.get(
        "/list-available-numbers",
        summary="Search for phone numbers to buy",
        responses=responds_with(AvailableNumbers, "At most 100 numbers that match and can be bought"),
    )
    async def available(query: Annotated[SearchNumbers, Query()]) -> JSONResponse:
        check_vendor()
        found = domain.numbers.search(query.as_filter())
        data = [{"number": one.number, "phoneNumber": one.number, "region": one.region} for one in found]
        return JSONResponse({"total_count": len(data), "data": data})

    @router.post(
        "/buy-phone-number",
        summary="Buy a phone number",
        responses=responds_with(BoughtNumber, "The number was bought"),
    )
    async def buy(body: Annotated[BuyNumber | None, Body()] = None) -> JSONResponse:
        check_vendor()
        bought = domain.numbers.buy(body.number if body else None)
        return JSONResponse({"id": bought.id, "number": bought.number})

    @router.get(
        "/purchased-phone-numbers",
        summary="List the domain's phone numbers, newest first",
        responses=responds_with(PurchasedNumbers, "A page of numbers"),
    )
    async def purchased(query: Annotated[PurchasedQuery, Query()]) -> JSONResponse:
        wanted = [
            owned
            for owned in reversed(domain.numbers.all)
            if (query.filter_number or "") in owned.number and query.filter_name is None
        ]
        shown = query.page_of(wanted, lambda owned: owned.id)
        return JSONResponse({"total_count": len(wanted), "data": [owned.as_dict() for owned in shown]})

    @router.delete(
        "/release-phone-number/{id}",
        summary="Release a phone number, at the earliest 14 days after its purchase",
        responses=responds_with(ReleasedNumber, "The number was released"),
    )
    async def release(id: str) -> JSONResponse:  # noqa: A002 - Daily's name of the parameter
        domain.release_number(id)
        return JSONResponse({"deleted": True, "id": id, "status": "ok"})

    return router
