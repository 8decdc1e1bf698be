"""Responses that the front door generates itself, statelessly (RFC 3261 §8.2.6 and §8.2.7)."""

from __future__ import annotations

from simulator.front_door.final_responses import FinalResponse
from simulator.sip_requests.hop import Outgoing
from simulator.sip_requests.request import Request
from simulator.sip_requests.stateless_response import Headers, compose_response


def response_to(request: Request, status: int, reason: str, headers: Headers = ()) -> Outgoing:
    """A response to a valid request."""
    return compose_response(request.message, request.via, request.source, status, reason, headers=headers)


def final_response_to(request: Request, final: FinalResponse) -> Outgoing:
    """A final response to a valid request."""
    return response_to(request, final.status, final.reason, final.headers)
