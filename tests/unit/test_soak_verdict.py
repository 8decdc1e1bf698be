"""When `make soak` says that a server has grown."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.soak.resources import ProcessUse, Resources
from benchmarks.soak.verdict import growths

_USE = ProcessUse(rss=100 * 2**20, handles=40, sockets=20, threads=4)
FLAT = [Resources(minute, 100 * minute, 0, _USE, {7: _USE, 8: _USE}) for minute in range(1, 9)]


def test_what_stays_is_flat() -> None:
    assert growths(FLAT) == []


def test_growth_while_caches_fill_is_not_judged() -> None:
    small = replace(_USE, rss=_USE.rss // 2)
    assert growths([replace(FLAT[0], parent=small), replace(FLAT[1], parent=small), *FLAT[2:]]) == []


def test_growth_is_named() -> None:
    grown = replace(_USE, rss=106 * 2**20, handles=41)
    assert growths([*FLAT[:-1], replace(FLAT[-1], parent=grown, children={7: _USE, 8: grown})]) == [
        "memory of the server: 100.0 → 106.0 MB, +6.0%; allowed: +5%",
        "memory of the worker 8: 100.0 → 106.0 MB, +6.0%; allowed: +5%",
        "handles: at most 120, then 122",
    ]


def test_a_worker_that_was_replaced_is_named() -> None:
    assert growths([*FLAT[:-1], replace(FLAT[-1], children={7: _USE, 9: _USE})]) == [
        "workers that died or were replaced: 8"
    ]


def test_calls_without_sound_are_named() -> None:
    assert growths([*FLAT[:-1], replace(FLAT[-1], unheard=17)]) == [
        "sound: 17 tones or silences were not heard in 800 calls; allowed: 2%"
    ]
