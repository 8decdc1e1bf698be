"""Steps of scenario files as lines of Python for a plain pytest test, with the fixtures of this project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fake_daily_server.recordings.story_parts import CLIENT
from simulator.errors import ConfigurationError

_VERBS = {
    "stopDialOut": "stop_dialout",
    "sendDTMF": "send_dtmf",
    "sipCallTransfer": "sip_call_transfer",
    "sipRefer": "sip_refer",
}
_PHONE_VERBS = {"answer": "answer", "ring": "ring", "hangup": "hang_up", "hold": "hold", "resume": "resume"}


class PythonSteps:
    """Writes steps one after the other, and knows which phone has a call in a variable."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}
        """The variable of the newest call, by phone."""

    def lines(self, step: Mapping[str, Any]) -> list[str]:
        """The lines that do what a step does. Raises ConfigurationError for a step that has no form in Python."""
        for word, write in _WRITERS.items():
            if word in step:
                return list(write(self, step))
        raise ConfigurationError("step", ", ".join(step), f"a step with one of the words {', '.join(_WRITERS)}")

    def call_of(self, phone: str) -> Iterator[str]:
        """The line that waits for the call of a phone, unless a variable has it."""
        if phone not in self._calls:
            yield f"{self.new_call(phone)} = {phone}.wait_for_call()"

    def new_call(self, phone: str) -> str:
        """The variable for a call of a phone that begins."""
        return self._calls.setdefault(phone, f"call_of_{phone}")

    def call(self, phone: str) -> str:
        """The variable of the newest call of a phone."""
        return self._calls[phone]


def python_value(value: object) -> str:
    """A value of a step as Python: `$name` is a variable, `$room.sip_uri` and `$phone.number` are attributes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(name))}: {python_value(each)}" for name, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(python_value, value)) + "]"
    if not isinstance(value, str):
        return repr(value)
    if value.startswith("$") and all(part.isidentifier() for part in value[1:].split(".")):
        return value[1:].replace(".sip_uri", ".sip_uris[0]")
    return _quoted(value.removeprefix("=").replace("$$", "$"))


def _expect(steps: PythonSteps, step: Mapping[str, Any]) -> Iterator[str]:
    client = step.get("seen_by", CLIENT)
    expected = step["expect"]
    where = {"where": step["where"]} if step.get("where") else {}
    if isinstance(expected, Mapping):  # digits
        method = {"method": expected["method"]} if "method" in expected else {}
        for digit in expected["dtmf"]:
            yield f"{client}.wait_for({_arguments('dtmf-event', where={'tone': digit, **method})})"
        return
    wait = f"{client}.wait_for({_arguments(expected, **where)})"
    saved = step.get("save", {})
    for name, field in saved.items():
        wait = f'{name} = {wait}["{field}"]'
    yield wait


def _client(steps: PythonSteps, step: Mapping[str, Any]) -> Iterator[str]:
    client, options = step.get("by", CLIENT), step.get("with", {})
    match step["client"]:
        case "startDialOut":
            saved = "".join(f"{name} = " for name in step.get("save", ()))
            yield f"{saved}{client}.start_dialout({python_value(options)})"
        case "stopDialOut":
            yield f"{client}.stop_dialout({python_value(options['sessionId'])})"
        case verb:
            yield f"{client}.{_VERBS[verb]}({python_value(options)})"


def _phone(steps: PythonSteps, step: Mapping[str, Any]) -> Iterator[str]:
    phone = step["phone"]
    if "dial" in step:
        more = {name: step[name] for name in ("headers", "display_name") if name in step}
        yield f"{steps.new_call(phone)} = {phone}.dial({_arguments(step['dial'], **more)})"
        return
    yield from steps.call_of(phone)
    call = steps.call(phone)
    if "press" in step:
        yield f"{call}.press({_arguments(step['press'], **_method(step))})"
    elif "hears" in step:
        yield f"{call}.wait_for_digits({_arguments(step['hears'], **_method(step))})"
    elif step.get("do") == "reject":
        yield f"{call}.reject({step['status']})"
    elif "do" in step:
        yield f"{call}.{_PHONE_VERBS[step['do']]}()"
    elif step["expect"] == "ended":
        yield (
            f"assert {call}.wait_for_end().status == {step['status']}" if "status" in step else f"{call}.wait_for_end()"
        )
    elif step["expect"] == "answered":
        yield f"{call}.wait_answered()"


def _carrier(steps: PythonSteps, step: Mapping[str, Any]) -> Iterator[str]:
    if step["carrier"] != "fail_dialouts":
        allowed = f"scenario: fixtures have no verb for the step `carrier: {step['carrier']}`"
        raise ConfigurationError("as", "pytest", allowed)
    yield f"sync_fake_daily.fail_dialouts({python_value(step['cause'])})"


def _customer(steps: PythonSteps, step: Mapping[str, Any]) -> Iterator[str]:
    yield f"sync_daily_webhook.wait_for({_arguments(step['where']['type'])})"


def _rest(steps: PythonSteps, step: Mapping[str, Any]) -> Iterator[str]:
    method, path = step["rest"].split(" ", 1)
    address = "{sync_fake_daily.api_url}" + path.replace("${", "{")
    body = f", json={python_value(step['with'])}" if "with" in step else ""
    yield 'headers = {"Authorization": f"Bearer {sync_fake_daily.api_key}"}'
    yield f'answer = httpx.request("{method}", f"{address}", headers=headers{body})'
    yield f"assert answer.status_code == {step.get('status', 200)}"


def _method(step: Mapping[str, Any]) -> dict[str, Any]:
    return {"method": step["method"]} if "method" in step else {}


def _arguments(*values: object, **named: object) -> str:
    return ", ".join([*map(python_value, values), *(f"{name}={python_value(each)}" for name, each in named.items())])


def _quoted(text: str) -> str:
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"' if inside.isprintable() else repr(text)


_WRITERS: Mapping[str, Callable[[PythonSteps, Mapping[str, Any]], Iterator[str]]] = {
    "phone": _phone,
    "client": _client,
    "expect": _expect,
    "carrier": _carrier,
    "customer": _customer,
    "rest": _rest,
}
"""By the word that decides the kind of a step; `phone` first, since its steps may have `expect`, too."""
