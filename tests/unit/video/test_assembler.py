"""Packets become pictures, whatever the network does to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.video.assembler import Assembler, Encoded, Packet


def pictures(count: int, *, parts: int = 3, first: int = 65530) -> list[Packet]:
    return [
        Packet((first + parts * picture + part) & 0xFFFF, 6000 * picture, part == parts - 1, bytes([picture, part]))
        for picture in range(count)
        for part in range(parts)
    ]


def whole(picture: int, parts: int = 3) -> Encoded:
    return Encoded(6000 * picture, b"".join(bytes([picture, part]) for part in range(parts)))


def given_all(assembler: Assembler, packets: list[Packet]) -> list[Encoded]:
    return [picture for packet in packets for picture in assembler.add(packet)]


def test_pictures_come_out_whole_at_their_last_packet() -> None:
    assembler = Assembler()
    packets = pictures(4)
    assert assembler.add(packets[0]) == assembler.add(packets[1]) == []
    assert assembler.add(packets[2]) == [whole(0)]
    assert given_all(assembler, packets[3:]) == [whole(1), whole(2), whole(3)]
    assert (assembler.lost, assembler.broken) == (0, False)


@given(st.permutations(range(1, 9)))
def test_packets_out_of_order_are_put_in_order(order: list[int]) -> None:
    packets = pictures(3)
    assert given_all(Assembler(), [packets[0], *(packets[number] for number in order)]) == [
        whole(0),
        whole(1),
        whole(2),
    ]


def test_packets_that_come_twice_or_too_late_are_passed_over() -> None:
    packets = pictures(3)
    assembler = Assembler()
    doubled = [packet for packet in packets for _ in range(2)]
    assert given_all(assembler, [*doubled, packets[0]]) == [whole(0), whole(1), whole(2)]


def test_a_picture_that_lost_a_part_is_left_out_and_told() -> None:
    packets = pictures(12)
    del packets[4]
    assembler = Assembler()
    assert given_all(assembler, packets) == [whole(0), *(whole(number) for number in range(2, 12))]
    assert assembler.lost == 1
    assert assembler.broken


def test_a_lost_last_part_takes_its_picture_along() -> None:
    packets = pictures(12)
    del packets[5]
    assembler = Assembler()
    came = given_all(assembler, packets)
    assert whole(1) not in came
    assert came[-1] == whole(11)
