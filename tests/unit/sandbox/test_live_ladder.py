"""What a page is told of the ladder: everything at first, then changes only."""

from __future__ import annotations

from fake_daily_server.sandbox.live_ladder import MOST_ROWS, LadderChange, LiveLadder
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record
from tests.unit.report.test_report import CALL, DESK, DIAL_OUT, INVITE, RINGING, record, seen


def change(
    ladder: LiveLadder, records: tuple[Record, ...], messages: list[SeenMessage] | None = None
) -> LadderChange | None:
    ladder.read(record for record in records if record.seq > ladder.seen)
    return ladder.change(messages or [], lambda at: at)


def notes(count: int) -> tuple[Record, ...]:
    return tuple(record(seq, "phone", phone=DESK, action="rings") for seq in range(1, count + 1))


def test_the_first_change_is_all_and_the_next_one_what_is_new() -> None:
    ladder = LiveLadder()
    first = change(ladder, DIAL_OUT, seen((INVITE, False)))
    assert first is not None
    assert first.head is not None
    assert [row.id for row in first.rows] == ["m0"]
    assert change(ladder, DIAL_OUT, seen((INVITE, False))) is None
    second = change(ladder, DIAL_OUT, seen((INVITE, False), (RINGING, False)))
    assert second is not None
    assert (second.head, second.gone) == (None, ())
    assert [row.id for row in second.rows] == ["m1000000"]


def test_a_new_column_draws_all_rows_anew() -> None:
    ladder = LiveLadder()
    change(ladder, DIAL_OUT, seen((INVITE, False)))
    busy = record(3, "phone", phone="+12065550143", action="is called", sip_call_id="other")
    changed = change(ladder, (*DIAL_OUT, busy), seen((INVITE, False)))
    assert changed is not None
    assert changed.head is not None
    assert "+12065550143" in changed.head
    assert {"m0", "r3"} <= {row.id for row in changed.rows}


def test_a_record_gives_way_to_the_messages_that_say_the_same() -> None:
    ladder = LiveLadder()
    first = change(ladder, DIAL_OUT)
    assert first is not None
    assert "r2" in {row.id for row in first.rows}
    second = change(ladder, DIAL_OUT, seen((INVITE, False)))
    assert second is not None
    shown = {row.id for row in first.rows} - set(second.gone) | {row.id for row in second.rows}
    assert shown == {"m0"}


def test_the_page_has_the_latest_rows_only() -> None:
    ladder = LiveLadder()
    first = change(ladder, notes(MOST_ROWS))
    second = change(ladder, notes(MOST_ROWS + 3))
    assert first is not None
    assert second is not None
    assert len(first.rows) == MOST_ROWS
    assert sorted(second.gone) == ["r1", "r2", "r3"]
    assert [row.id for row in second.rows][-3:] == [f"r{MOST_ROWS + n}" for n in (1, 2, 3)]


def test_a_message_keeps_its_id_when_older_ones_are_forgotten() -> None:
    ladder = LiveLadder()
    both = seen((INVITE, False), (RINGING, False))
    change(ladder, DIAL_OUT, both)
    later = change(ladder, DIAL_OUT, both[1:])
    assert later is not None
    assert later.gone == ("m0",)
    assert [row.id for row in later.rows] in ([], ["m1000000"])  # the time since the row before has changed


def test_rows_of_a_call_have_its_number_in_every_change() -> None:
    ladder = LiveLadder()
    first = change(ladder, DIAL_OUT, seen((INVITE, False)))
    second = change(ladder, DIAL_OUT, seen((INVITE, False), (RINGING, False)))
    assert first is not None
    assert second is not None
    assert all('class="row" data-kind="sip" data-call="1"' in row.html for row in (*first.rows, *second.rows))
    assert CALL in first.rows[0].html
    assert DESK in first.rows[0].html
