"""Invariants of dialled and incoming calls, for any inputs in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fake_daily_server.telephony.events import DialInEvents, DialOutEvents
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.machines.dialin import DialInMachine, DialInPlan, DialInState
from fake_daily_server.telephony.machines.dialout import DialOutMachine, DialOutPlan, DialOutRules, DialOutState
from tests.unit.telephony.short_names import short_names

ENDED = st.builds(
    inputs.Ended,
    status=st.sampled_from((200, 404, 408, 415, 480, 486, 487, 488, 503, 603)),
    reason=st.just("Reason"),
    by=st.sampled_from(("local", "remote", "worker")),
)
MEDIA = st.builds(inputs.MediaUp, codec=st.sampled_from(("PCMU", "G722")), telephone_event=st.booleans())
VIDEO = st.builds(inputs.VideoUp, codec=st.sampled_from(("H264", "VP8")))
REFUSAL = st.none() | st.just(inputs.Refusal(480, "Temporarily Unavailable", "nobody is there"))

DIAL_OUT_INPUTS: dict[type, SearchStrategy[inputs.DialOutInput]] = {
    inputs.Dialled: st.just(inputs.Dialled("call@host")),
    inputs.DialFailed: st.just(inputs.DialFailed("no route")),
    inputs.Ringing: st.just(inputs.Ringing()),
    inputs.EarlyMedia: st.just(inputs.EarlyMedia()),
    inputs.Answered: st.just(inputs.Answered()),
    inputs.MediaUp: MEDIA,
    inputs.VideoUp: VIDEO,
    inputs.Ended: ENDED,
    inputs.WorkerLost: st.just(inputs.WorkerLost("killed")),
    inputs.StopRequested: st.just(inputs.StopRequested()),
    inputs.RingTimeout: st.just(inputs.RingTimeout()),
    inputs.MovedIn: st.builds(inputs.MovedIn, st.just("call@host"), MEDIA),
    inputs.MovedOut: st.just(inputs.MovedOut()),
}
DIAL_IN_INPUTS: dict[type, SearchStrategy[inputs.DialInInput]] = {
    inputs.InviteReceived: st.builds(inputs.InviteReceived, REFUSAL),
    inputs.Answered: st.just(inputs.Answered()),
    inputs.MediaUp: MEDIA,
    inputs.VideoUp: VIDEO,
    inputs.NegotiationFailed: st.just(inputs.NegotiationFailed("no common codec")),
    inputs.Ended: ENDED,
    inputs.WorkerLost: st.just(inputs.WorkerLost("killed")),
    inputs.StopRequested: st.just(inputs.StopRequested()),
    inputs.MovedIn: st.builds(inputs.MovedIn, st.just("call@host"), MEDIA),
    inputs.MovedOut: st.just(inputs.MovedOut()),
}

RULES = st.builds(DialOutRules, join_after=st.sampled_from(("connected", "answered")))


def check_common(done: Sequence[str], prefix: str, *, over: bool) -> None:
    count = Counter(done)
    ends = count[f"{prefix}-stopped"] + count[f"{prefix}-error"]
    assert ends <= 1
    assert count["join"] <= 1
    assert count["leave"] == (count["join"] if over else 0)
    assert count[f"{prefix}-connected"] <= 1
    assert count[f"{prefix}-warning"] <= 2, "one for audio and one for video"
    assert count["release"] == (1 if over else 0)
    if over:
        assert done[-1] == "release"
        assert ends >= count[f"{prefix}-connected"]
    else:
        assert ends == 0
    for earlier, later in (
        (f"{prefix}-connected", "join"),
        (f"{prefix}-connected", f"{prefix}-warning"),
        ("join", "leave"),
    ):
        if later in done:
            assert earlier in done[: done.index(later)]
    if "leave" in done:
        assert done[done.index("leave") + 1] in (f"{prefix}-stopped", f"{prefix}-error")


def test_every_kind_of_input_is_generated() -> None:
    assert set(DIAL_OUT_INPUTS) == set(get_args(inputs.DialOutInput))
    assert set(DIAL_IN_INPUTS) == set(get_args(inputs.DialInInput))


@settings(max_examples=600)
@given(
    dialled=st.booleans(),
    sequence=st.lists(st.one_of(*DIAL_OUT_INPUTS.values()), max_size=14),
    rules=RULES,
    extension=st.sampled_from((None, "12#")),
)
def test_any_sequence_of_inputs_to_a_dialled_call(
    dialled: bool, sequence: list[inputs.DialOutInput], rules: DialOutRules, extension: str | None
) -> None:
    plan = DialOutPlan("Desk", "pstn-dial-out", "G722", "VP8", extension)
    machine = DialOutMachine(DialOutEvents("s1", "+12065550142"), plan, rules)
    fed = [inputs.Dialled("call@host"), *sequence] if dialled else sequence
    done = [name for input_ in fed for name in short_names(machine.feed(input_))]
    over = machine.state is DialOutState.DONE
    check_common(done, "dialout", over=over)
    assert done.count("dialout-answered") <= 1
    if "dialout-answered" in done:
        assert "dialout-connected" in done[: done.index("dialout-answered")]
    assert done.count("extension 12# after 0") <= (done.count("dialout-answered") if extension else 0)
    if over:
        assert done.count("dialout-stopped") + done.count("dialout-error") == 1
        assert all(machine.feed(input_) == () for input_ in fed)
    assert done.count("timer off") <= done.count("timer 60")


@settings(max_examples=600)
@given(accepted=st.booleans(), sequence=st.lists(st.one_of(*DIAL_IN_INPUTS.values()), max_size=12))
def test_any_sequence_of_inputs_to_an_incoming_call(accepted: bool, sequence: list[inputs.DialInInput]) -> None:
    events = DialInEvents("s1", "call@host", "sip:a@h", "sip:demo.0@h")
    machine = DialInMachine(events, DialInPlan("Ann", preferred_codec="G722", preferred_video_codec="VP8"))
    fed = [inputs.InviteReceived(), *sequence] if accepted else sequence
    done = [name for input_ in fed for name in short_names(machine.feed(input_))]
    over = machine.state is DialInState.DONE
    check_common(done, "dialin", over=over)
    if "dialin-connected" not in done:
        assert set(done) <= {"reject 480", "release"}
    if over:
        assert all(machine.feed(input_) == () for input_ in fed)
