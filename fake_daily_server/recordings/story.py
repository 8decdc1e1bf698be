"""Makes a scenario file of a recording: the same calls and order of events, phones that do as the far ends did.

A recording says what happened to a call, not why. Where it leaves a choice, the story says so in a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from fake_daily_server.recordings.masking import masked_text
from fake_daily_server.recordings.recording import Recorded
from simulator.errors import ConfigurationError

_STATUS = re.compile(r"\b([3-6]\d\d)\b")
_CAUSES = {"busy": 486, "declin": 603, "no answer": 480, "unallocated": 404}
_DIALOUT, _DIALIN = "dialout-", "dialin-"
_FIRST_NUMBER = 12065550140
_KEPT_OPTIONS = frozenset({"codecs", "extension", "waitBeforeExtensionDialSec"})
"""Options of a dial-out that a far end can notice, and that name no person."""
_MADE = "Made of a recording by `daily-sim contract record-to-story`. Numbers and headers are replaced."


@dataclass(slots=True)
class _Call:
    """A call of the recording, with the phone that stands for its far end."""

    session: str
    """The variable that has its session id in the story."""
    phone: str
    answered: bool = False
    ended: bool = False


@dataclass(slots=True)
class _Story:
    """The parts of the scenario file, as they grow."""

    room: dict[str, Any] = field(default_factory=lambda: {"enable_dialout": True})
    endpoints: set[str] = field(default_factory=set)
    """The SIP endpoints that have become ready."""
    settings: dict[str, Any] = field(default_factory=dict)
    phones: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    calls: dict[str, _Call] = field(default_factory=dict)
    requested: list[Mapping[str, Any]] = field(default_factory=list)
    """The options of requests to dial of which no event has come yet."""

    def new_call(self, session_id: str, **phone: Any) -> _Call:
        """Add a phone for a call that begins."""
        number = len(self.phones) + 1
        call = _Call(f"session_{number}", f"far_end_{number}")
        self.phones[call.phone] = {"number": f"+{_FIRST_NUMBER + number}", **phone}
        self.calls[session_id] = call
        return call

    def expect(self, action: str, where: Mapping[str, Any], save: str | None = None) -> None:
        """Add a step that expects an event."""
        step: dict[str, Any] = {"expect": action}
        if where:
            step["where"] = dict(where)
        if save is not None:
            step["save"] = {save: "sessionId"}
        self.steps.append(step)

    def do(self, call: _Call, **verb: Any) -> None:
        """Add a step of a call's phone."""
        self.steps.append({"phone": call.phone, **verb})


def story_of(recording: Sequence[Recorded], title: str, *, comments: Sequence[str] = (_MADE,)) -> str:
    """The text of a scenario file, which begins with comments. Raises ConfigurationError for one without calls."""
    has_events = any(each.kind == "event" for each in recording)  # a webhook tells the same again
    stops = {_session(each.body) for each in recording if each.name.endswith(("/dialOut/stop", "stopDialOut"))}
    story = _Story()
    for index, recorded in enumerate(recording):
        if recorded.kind == "client request":
            _add_request(story, recorded)
        elif recorded.kind == "far end":
            _add_heard(story, recorded.body)
        elif (recorded.kind == "event" or not has_events) and (event := _event(recorded)) is not None:
            later = (_event(each) for each in recording[index + 1 :] if each.kind == recorded.kind)
            _add(story, event, [each for each in later if each is not None], stops)
    _end_all(story)
    if not story.calls and not any("carrier" in step for step in story.steps):
        raise ConfigurationError(title, "a recording without calls", "events or webhooks about dial-outs or dial-ins")
    return _text(story, title, comments)


def _event(recorded: Recorded) -> dict[str, Any] | None:
    """An event as clients get it; of a webhook, the one that tells the same."""
    if recorded.kind == "event":
        return dict(recorded.body)
    if recorded.kind != "webhook" or not recorded.name.startswith(("dialin.", "dialout.")):
        return None
    payload = recorded.body["payload"]
    about = {"action": recorded.name.replace(".", "-"), "sessionId": payload.get("session_id")}
    message = payload.get("error_msg", payload.get("error", ""))
    return {**about, "errorMsg": message, "sipHeaders": payload.get("sip_headers")}


def _session(body: Any) -> str | None:
    return body.get("sessionId") if isinstance(body, Mapping) else None


def _add(story: _Story, event: Mapping[str, Any], later: Sequence[Mapping[str, Any]], stops: set[str | None]) -> None:
    """Add the steps that lead to an event, and the one that expects it."""
    action = str(event.get("action"))
    session_id = str(event.get("sessionId") or "")
    if action == "dialin-ready":
        story.endpoints.add(str(event.get("sipEndpoint")))
        story.room["sip"] = {**story.room.get("sip", {}), "num_endpoints": len(story.endpoints)}
        story.expect(action, {})
    elif action == "dtmf-event":
        _add_digit(story, event, session_id)
    elif action in ("participant-joined", "participant-left"):
        _add_participant(story, event, later, stops)
    elif action.startswith(_DIALOUT):
        _add_dialout(story, action, event, session_id, later, stops)
    elif action.startswith(_DIALIN):
        _add_dialin(story, action, event, session_id, later)
    else:
        story.left_out.append(f"{action}: it is about no call")


def _add_dialout(
    story: _Story,
    action: str,
    event: Mapping[str, Any],
    session_id: str,
    later: Sequence[Mapping[str, Any]],
    stops: set[str | None],
) -> None:
    if action == "dialout-error" and not session_id:
        cause = masked_text(str(event.get("errorMsg", "")).rpartition("error: ")[2]) or "process error"
        del story.requested[:1]
        story.steps.append({"carrier": "fail_dialouts", "cause": cause})
        story.steps.append({"client": "startDialOut", "with": {"phoneNumber": f"+{_FIRST_NUMBER}"}})
        story.expect(action, {})
        return
    call = story.calls.get(session_id) or _dial(story, session_id, later)
    where = {"sessionId": f"${call.session}"}
    match action:
        case "dialout-answered":
            story.do(call, do="answer")
            call.answered = True
        case "dialout-stopped" if call.answered and session_id not in stops:
            _end(story, call)
        case "dialout-stopped":
            _stop(story, call)
        case "dialout-error" if call.answered:
            story.steps.append({"carrier": "kill_worker", "of": call.phone})
        case "dialout-error":
            story.do(call, do="reject", status=_status(str(event.get("errorMsg", ""))))
    call.ended |= _is_end(event)
    story.expect(action, where)


def _dial(story: _Story, session_id: str, later: Sequence[Mapping[str, Any]]) -> _Call:
    """Add the request that begins a dial-out. With a warning to come, the far end lacks the wanted codec."""
    warned = any(each.get("action") == "dialout-warning" and each.get("sessionId") == session_id for each in later)
    call = story.new_call(session_id, calls=[{"then": "wait"}])
    wanted: dict[str, Any] = {"phoneNumber": f"${call.phone}.number"}
    if warned:
        wanted["codecs"] = {"audio": ["OPUS"]}
    if story.requested:
        wanted |= {name: value for name, value in story.requested.pop(0).items() if name in _KEPT_OPTIONS}
    story.steps.append({"client": "startDialOut", "with": wanted, "save": {call.session: "sessionId"}})
    return call


def _add_request(story: _Story, recorded: Recorded) -> None:
    """Add what a client requested; that it dials is added with the first event of the call, whose session it names."""
    params = recorded.body
    if recorded.name == "startDialOut":
        story.requested.append(params)
        return
    call = story.calls.get(str(params.get("sessionId")))
    if recorded.name == "stopDialOut":
        if call is not None:
            _stop(story, call)
    elif call is not None:
        story.steps.append({"client": recorded.name, "with": {**params, "sessionId": f"${call.session}"}})
    else:
        story.left_out.append(f"{recorded.name}: no call of the recording has its session")


def _add_heard(story: _Story, heard: Mapping[str, Any]) -> None:
    """Let a far end hear a digit, in one step with those that it heard just before."""
    call = story.calls.get(heard["sessionId"])
    if call is None:
        return
    step = {"phone": call.phone, "hears": heard["digit"], "method": heard["method"]}
    last = story.steps[-1]
    if "hears" in last and {**last, "hears": ""} == {**step, "hears": ""}:
        last["hears"] += heard["digit"]
    else:
        story.steps.append(step)


def _end_all(story: _Story) -> None:
    """End the calls that were up when the recording ended: a story has to end its calls."""
    for call in story.calls.values():
        if not call.ended:
            _end(story, call) if call.answered else _stop(story, call)


def _end(story: _Story, call: _Call) -> None:
    """The far end hangs up; the recording does not say which side did. A participant who left has done so before."""
    if {"phone": call.phone, "do": "hangup"} not in story.steps:
        story.do(call, do="hangup")


def _stop(story: _Story, call: _Call) -> None:
    step = {"client": "stopDialOut", "with": {"sessionId": f"${call.session}"}}
    if step not in story.steps:
        story.steps.append(step)


def _add_dialin(
    story: _Story, action: str, event: Mapping[str, Any], session_id: str, later: Sequence[Mapping[str, Any]]
) -> None:
    story.room.setdefault("sip", {"num_endpoints": 1})
    if not any(step.get("expect") == "dialin-ready" for step in story.steps):
        story.steps.insert(0, {"expect": "dialin-ready"})
    call = story.calls.get(session_id)
    if call is None:
        call = story.new_call(session_id, **({"codecs": ["GSM"]} if action == "dialin-error" else {}))
        _warn_of(story, session_id, later)
        headers = dict.fromkeys(event.get("sipHeaders") or (), "hidden")
        story.do(call, dial="$room.sip_uri", **({"headers": headers} if headers else {}))
        story.expect(action, {}, save=call.session)
        call.answered = True
        return
    if action == "dialin-stopped":
        _end(story, call)
    elif action == "dialin-error":
        story.steps.append({"carrier": "kill_worker", "of": call.phone})
    call.ended |= _is_end(event)
    story.expect(action, {"sessionId": f"${call.session}"})


def _warn_of(story: _Story, session_id: str, later: Sequence[Mapping[str, Any]]) -> None:
    if any(each.get("action") == "dialin-warning" and each.get("sessionId") == session_id for each in later):
        story.room["sip"] = {**story.room["sip"], "codecs": {"audio": ["OPUS"]}}


def _add_digit(story: _Story, event: Mapping[str, Any], session_id: str) -> None:
    call = story.calls.get(session_id)
    if call is None and len(story.calls) == 1:
        call = next(iter(story.calls.values()))
    if call is None:
        story.left_out.append(f"dtmf-event {event.get('tone')}: no call of the recording has its session")
        return
    method = event.get("method", "telephone-event")
    digit = str(event.get("tone"))
    story.do(call, press=digit, method=method)
    story.expect("dtmf-event", {"tone": f"={digit}" if digit.isdigit() else digit, "method": method})


def _add_participant(
    story: _Story, event: Mapping[str, Any], later: Sequence[Mapping[str, Any]], stops: set[str | None]
) -> None:
    participant = event.get("participant")
    call = story.calls.get(str(participant.get("session_id"))) if isinstance(participant, Mapping) else None
    if call is None:
        return
    joins = event["action"] == "participant-joined"
    if not joins:
        ends = [each for each in later if _is_end(each) and story.calls.get(str(each.get("sessionId"))) is call]
        if not ends:
            story.settings["stopped_order"] = "stopped-first"
        elif ends[0]["action"].endswith("stopped"):
            stopped = not call.answered or ends[0].get("sessionId") in stops
            _stop(story, call) if stopped else _end(story, call)
        else:
            story.steps.append({"carrier": "kill_worker", "of": call.phone})
    story.expect(event["action"], {"participant.session_id": f"${call.session}"})


def _is_end(event: Mapping[str, Any]) -> bool:
    return str(event.get("action")) in ("dialout-stopped", "dialout-error", "dialin-stopped", "dialin-error")


def _status(message: str) -> int:
    """The SIP status that an `errorMsg` names, or that stands for its words."""
    found = _STATUS.search(message)
    if found is not None:
        return int(found[1])
    return next((status for words, status in _CAUSES.items() if words in message.lower()), 503)


def _text(story: _Story, title: str, comments: Sequence[str]) -> str:
    content: dict[str, Any] = {"title": f"The calls of {title}, in the order in which they were recorded"}
    content["room"] = story.room
    if story.settings:
        content["settings"] = story.settings
    content |= {"phones": story.phones, "steps": story.steps}
    head = [
        *(f"# {comment}" for comment in comments),
        "# Where the recording does not say which side hung up, the far end does.",
        *(f"# Left out: {each}" for each in dict.fromkeys(story.left_out)),
    ]
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    return "\n".join([*head, body])
