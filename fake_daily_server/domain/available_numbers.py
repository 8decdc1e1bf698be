"""The phone numbers that a domain can buy: 555-0100 to 555-0199 of each area code.

The North American Numbering Plan reserves these hundred numbers for fiction, so none of them is a real subscriber's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

AREA_CODES: Mapping[str, tuple[str, str]] = {
    "205": ("AL", "Birmingham"),
    "907": ("AK", "Anchorage"),
    "602": ("AZ", "Phoenix"),
    "501": ("AR", "Little Rock"),
    "415": ("CA", "San Francisco"),
    "209": ("CA", "Stockton"),
    "213": ("CA", "Los Angeles"),
    "619": ("CA", "San Diego"),
    "303": ("CO", "Denver"),
    "203": ("CT", "New Haven"),
    "302": ("DE", "Wilmington"),
    "202": ("DC", "Washington"),
    "305": ("FL", "Miami"),
    "404": ("GA", "Atlanta"),
    "808": ("HI", "Honolulu"),
    "208": ("ID", "Boise"),
    "312": ("IL", "Chicago"),
    "317": ("IN", "Indianapolis"),
    "515": ("IA", "Des Moines"),
    "316": ("KS", "Wichita"),
    "502": ("KY", "Louisville"),
    "504": ("LA", "New Orleans"),
    "207": ("ME", "Portland"),
    "410": ("MD", "Baltimore"),
    "617": ("MA", "Boston"),
    "313": ("MI", "Detroit"),
    "612": ("MN", "Minneapolis"),
    "601": ("MS", "Jackson"),
    "314": ("MO", "St. Louis"),
    "406": ("MT", "Billings"),
    "402": ("NE", "Omaha"),
    "702": ("NV", "Las Vegas"),
    "603": ("NH", "Manchester"),
    "201": ("NJ", "Jersey City"),
    "505": ("NM", "Albuquerque"),
    "212": ("NY", "New York"),
    "716": ("NY", "Buffalo"),
    "704": ("NC", "Charlotte"),
    "701": ("ND", "Fargo"),
    "216": ("OH", "Cleveland"),
    "405": ("OK", "Oklahoma City"),
    "503": ("OR", "Portland"),
    "215": ("PA", "Philadelphia"),
    "401": ("RI", "Providence"),
    "803": ("SC", "Columbia"),
    "605": ("SD", "Sioux Falls"),
    "615": ("TN", "Nashville"),
    "512": ("TX", "Austin"),
    "214": ("TX", "Dallas"),
    "801": ("UT", "Salt Lake City"),
    "802": ("VT", "Burlington"),
    "804": ("VA", "Richmond"),
    "206": ("WA", "Seattle"),
    "304": ("WV", "Charleston"),
    "414": ("WI", "Milwaukee"),
    "307": ("WY", "Cheyenne"),
}
"""Two-letter state code and city of each area code."""


@dataclass(frozen=True, slots=True)
class AvailableNumber:
    """A number that can be bought, in E.164. `region` is the two-letter code of its state."""

    number: str
    region: str


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """Filters of a number search. None matches every number; digit patterns match the digits after +1."""

    areacode: str | None = None
    region: str | None = None
    city: str | None = None
    contains: str | None = None
    starts_with: str | None = None
    ends_with: str | None = None

    def _matches_area(self, code: str, region: str, city: str) -> bool:
        return (
            self.areacode in (None, code)
            and (self.region is None or self.region.upper() == region)
            and (self.city is None or self.city.casefold() == city.casefold())
        )

    def _matches(self, digits: str) -> bool:
        return (
            (self.contains or "") in digits
            and digits.startswith(self.starts_with or "")
            and digits.endswith(self.ends_with or "")
        )

    def matches(self) -> Iterator[AvailableNumber]:
        """Yield the matching numbers, lowest first within each area code; purchased numbers are not excluded."""
        for code, (region, city) in AREA_CODES.items():
            if self._matches_area(code, region, city):
                for last in range(100):
                    digits = f"{code}55501{last:02d}"
                    if self._matches(digits):
                        yield AvailableNumber(f"+1{digits}", region)
