"""Makes a scenario file of a recording: the same calls and order of events, phones that do as the far ends did.

A recording says what happened to a call, not why. Where it leaves a choice, the story says so in a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fake_daily_server.recordings.masking import masked_text
from fake_daily_server.recordings.recording import Recorded
from fake_daily_server.recordings.story_parts import FIRST_NUMBER, Story, StoryCall
from fake_daily_server.recordings.story_text import story_text
from simulator.errors import ConfigurationError

_STATUS = re.compile(r"\b([3-6]\d\d)\b")
_CAUSES = {"busy": 486, "declin": 603, "no answer": 480, "unallocated": 404}
_DIALOUT, _DIALIN = "dialout-", "dialin-"
_WAIT = {"then": "wait"}
"""How a phone takes a call that a later step answers or rejects."""
_KEPT_OPTIONS = frozenset({"codecs", "extension", "waitBeforeExtensionDialSec"})
"""Options of a dial-out that a far end can notice, and that name no person."""
_MADE = "Made of a recording by `daily-sim contract record-to-story`. Numbers and headers are replaced."


def story_of(recording: Sequence[Recorded], title: str, *, comments: Sequence[str] = (_MADE,)) -> str:
    """The text of a scenario file, which begins with comments. Raises ConfigurationError for one without calls."""
    return story_text(build_story(recording, title), title, comments)


def build_story(recording: Sequence[Recorded], title: str) -> Story:
    """The story of a recording. Raises ConfigurationError for one without calls; `title` names it there."""
    has_events = any(each.kind == "event" for each in recording)  # a webhook tells the same again
    stops = {_session(each.body) for each in recording if each.name.endswith(("/dialOut/stop", "stopDialOut"))}
    hung_up = frozenset(each.body["sessionId"] for each in recording if each.name == "hangs up")
    story = Story(hung_up=hung_up)
    for index, recorded in enumerate(recording):
        story.enter(recorded.room)
        if recorded.kind == "client request":
            _add_request(story, recorded)
        elif recorded.kind == "far end":
            _add_far_end(story, recorded)
        elif (recorded.kind == "event" or not has_events) and (event := _event(recorded)) is not None:
            later = (_event(each) for each in recording[index + 1 :] if each.kind == recorded.kind)
            _add(story, event, [each for each in later if each is not None], stops)
    _end_all(story)
    if not story.calls and not any("carrier" in step for step in story.steps):
        raise ConfigurationError(title, "a recording without calls", "events or webhooks about dial-outs or dial-ins")
    return story


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


def _add(story: Story, event: Mapping[str, Any], later: Sequence[Mapping[str, Any]], stops: set[str | None]) -> None:
    """Add the steps that lead to an event, and the one that expects it."""
    action = str(event.get("action"))
    session_id = str(event.get("sessionId") or "")
    if action == "dialin-ready":
        endpoints, properties = story.room.endpoints, story.room.properties
        endpoints.add(str(event.get("sipEndpoint")))
        properties["sip"] = {**properties.get("sip", {}), "num_endpoints": len(endpoints)}
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
    story: Story,
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
        story.request("startDialOut", {"phoneNumber": f"+{FIRST_NUMBER}"})
        story.expect(action, {})
        return
    call = story.calls.get(session_id)
    target = call is None and bool(story.targets)
    if call is None:
        refused = {"status": _status(str(event.get("errorMsg", "")))}
        plan = refused if action == "dialout-error" else _WAIT  # one that rings first has other events
        call = _target(story, session_id) if target else _dial(story, session_id, later, plan)
    where = {} if target else {"sessionId": f"${call.session}"}
    match action:
        case "dialout-answered":
            story.do(call, do="answer")
            call.answered = True
        case "dialout-stopped" if call.moved_to is not None:
            pass  # it has left the room, and its far end talks to the target
        case "dialout-stopped" if call.answered and session_id not in stops:
            _end(story, call)
        case "dialout-stopped":
            _stop(story, call)
        case "dialout-error" if story.phones[call.phone]["calls"] == [_WAIT]:
            _fail(story, call, event)
    call.ended |= _is_end(event)
    story.expect(action, where, save=call.session if target else None)


def _target(story: Story, session_id: str) -> StoryCall:
    """The call to the target of the oldest transfer of which no event has come yet."""
    call = story.targets.pop(0)
    story.bind(call, session_id)
    return call


def _dial(story: Story, session_id: str, later: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]) -> StoryCall:
    """Add the request that begins a dial-out. With a warning to come, the far end lacks the wanted codec."""
    warned = any(each.get("action") == "dialout-warning" and each.get("sessionId") == session_id for each in later)
    call = story.new_call(session_id, calls=[dict(plan)])
    wanted: dict[str, Any] = {"phoneNumber": f"${call.phone}.number"}
    if warned:
        wanted["codecs"] = {"audio": ["OPUS"]}
    if story.requested:
        wanted |= {name: value for name, value in story.requested.pop(0).items() if name in _KEPT_OPTIONS}
    story.request("startDialOut", wanted, {call.session: "sessionId"})
    return call


def _add_request(story: Story, recorded: Recorded) -> None:
    """Add what a client requested; that it dials is added with the first event of the call, whose session it names."""
    params = recorded.body
    if recorded.name == "startDialOut":
        story.requested.append(params)
        return
    call = story.calls.get(str(params.get("sessionId")))
    if recorded.name == "stopDialOut":
        if call is not None:
            _stop(story, call)
    elif call is not None and recorded.name == "sipCallTransfer":
        _transfer(story, call, params)
    elif call is not None:
        story.request(recorded.name, {**params, "sessionId": f"${call.session}"})
    else:
        story.left_out.append(f"{recorded.name}: no call of the recording has its session")


def _transfer(story: Story, call: StoryCall, params: Mapping[str, Any]) -> None:
    """Let a client transfer a call to a phone, which waits until the recording says that it has answered."""
    call.moved_to = target = story.new_call("", calls=[dict(_WAIT)])
    story.targets.append(target)
    kept = {name: value for name, value in params.items() if name in _KEPT_OPTIONS}
    wanted = {"sessionId": f"${call.session}", "toEndPoint": f"${target.phone}.number", **kept}
    story.request("sipCallTransfer", wanted)


def _add_far_end(story: Story, recorded: Recorded) -> None:
    """Add what a far end did that no event tells: the digits that it heard, and those that a transferred one sent."""
    call = story.calls.get(recorded.body["sessionId"])
    if call is None:
        return
    if recorded.name == "hears":
        _add_heard(story, call, recorded.body)
    elif recorded.name == "presses" and call.moved_to is not None:
        story.do(call, press=recorded.body["digits"], method=recorded.body["method"])


def _add_heard(story: Story, call: StoryCall, heard: Mapping[str, Any]) -> None:
    """Let a far end hear a digit, in one step with those that it heard just before."""
    step = {"phone": call.phone, "hears": heard["digit"], "method": heard["method"]}
    last = story.steps[-1]
    if "hears" in last and {**last, "hears": ""} == {**step, "hears": ""}:
        last["hears"] += heard["digit"]
    else:
        story.steps.append(step)


def _end_all(story: Story) -> None:
    """End the calls that were up when the recording ended: a story has to end its calls."""
    for call in story.calls.values():
        if not call.ended and call.moved_to is None:
            _end(story, call) if call.answered else _stop(story, call)


def _end(story: Story, call: StoryCall) -> None:
    """Let the far end hang up, or of a target that has not hung up the one that was transferred to it.

    Recordings of Daily do not say which side did. A participant who left has done so before.
    """
    moved = next((each for each in story.calls.values() if each.moved_to is call), None)
    if moved is not None and moved.session_id in story.hung_up and call.session_id not in story.hung_up:
        call = moved
    if {"phone": call.phone, "do": "hangup"} not in story.steps:
        story.do(call, do="hangup")


def _stop(story: Story, call: StoryCall) -> None:
    wanted = {"sessionId": f"${call.session}"}
    if not any(step.get("client") == "stopDialOut" and step["with"] == wanted for step in story.steps):
        story.request("stopDialOut", wanted)


def _fail(story: Story, call: StoryCall, event: Mapping[str, Any]) -> None:
    """Let a call fail as an event says: it is rejected, or once it is answered Daily's worker dies."""
    dies = {"carrier": "kill_worker", "of": call.phone}
    rejects = {"phone": call.phone, "do": "reject", "status": _status(str(event.get("errorMsg", "")))}
    step = dies if call.answered else rejects
    if step not in story.steps:
        story.steps.append(step)


def _add_dialin(
    story: Story, action: str, event: Mapping[str, Any], session_id: str, later: Sequence[Mapping[str, Any]]
) -> None:
    story.room.properties.setdefault("sip", {"num_endpoints": 1})
    if not story.expects("dialin-ready"):
        story.steps.insert(0, {"expect": "dialin-ready", **story.room.seen_by})
    call = story.calls.get(session_id)
    if call is None:
        call = story.new_call(session_id, **({"codecs": ["GSM"]} if action == "dialin-error" else {}))
        _warn_of(story, session_id, later)
        headers = dict.fromkeys(event.get("sipHeaders") or (), "hidden")
        story.do(call, dial=f"${story.room.name}.sip_uri", **({"headers": headers} if headers else {}))
        story.expect(action, {}, save=call.session)
        call.answered = True
        return
    if action == "dialin-stopped" and call.moved_to is None:
        _end(story, call)
    elif action == "dialin-error":
        _fail(story, call, event)
    call.ended |= _is_end(event)
    story.expect(action, {"sessionId": f"${call.session}"})


def _warn_of(story: Story, session_id: str, later: Sequence[Mapping[str, Any]]) -> None:
    if any(each.get("action") == "dialin-warning" and each.get("sessionId") == session_id for each in later):
        properties = story.room.properties
        properties["sip"] = {**properties["sip"], "codecs": {"audio": ["OPUS"]}}


def _add_digit(story: Story, event: Mapping[str, Any], session_id: str) -> None:
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
    story: Story, event: Mapping[str, Any], later: Sequence[Mapping[str, Any]], stops: set[str | None]
) -> None:
    participant = event.get("participant")
    call = story.calls.get(str(participant.get("session_id"))) if isinstance(participant, Mapping) else None
    if call is None:
        return
    if event["action"] == "participant-left" and call.moved_to is None:
        ends = [each for each in later if _is_end(each) and story.calls.get(str(each.get("sessionId"))) is call]
        if not ends:
            story.settings["stopped_order"] = "stopped-first"
        elif ends[0]["action"].endswith("stopped"):
            stopped = not call.answered or ends[0].get("sessionId") in stops
            _stop(story, call) if stopped else _end(story, call)
        else:
            _fail(story, call, ends[0])
    story.expect(event["action"], {"participant.session_id": f"${call.session}"})


def _is_end(event: Mapping[str, Any]) -> bool:
    return str(event.get("action")) in ("dialout-stopped", "dialout-error", "dialin-stopped", "dialin-error")


def _status(message: str) -> int:
    """The SIP status that an `errorMsg` names, or that stands for its words."""
    found = _STATUS.search(message)
    if found is not None:
        return int(found[1])
    return next((status for words, status in _CAUSES.items() if words in message.lower()), 503)
