"""Assembly of packets into pictures, with reordering, duplicates and losses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.video.assembler import EncodedPicture, PictureAssembler, VideoPacket


def pictures(count: int, *, parts: int = 3, first: int = 65530) -> list[VideoPacket]:
    return [
        VideoPacket(
            (first + parts * picture + part) & 0xFFFF, 6000 * picture, part == parts - 1, bytes([picture, part])
        )
        for picture in range(count)
        for part in range(parts)
    ]


def whole(picture: int, parts: int = 3) -> EncodedPicture:
    return EncodedPicture(6000 * picture, b"".join(bytes([picture, part]) for part in range(parts)))


def assembled(assembler: PictureAssembler, packets: list[VideoPacket]) -> list[EncodedPicture]:
    return [picture for packet in packets for picture in assembler.add(packet)]


def test_a_picture_is_complete_with_its_last_packet() -> None:
    assembler = PictureAssembler()
    packets = pictures(4)
    assert assembler.add(packets[0]) == assembler.add(packets[1]) == []
    assert assembler.add(packets[2]) == [whole(0)]
    assert assembled(assembler, packets[3:]) == [whole(1), whole(2), whole(3)]
    assert (assembler.lost, assembler.reference_lost) == (0, False)


@given(st.permutations(range(1, 9)))
def test_reordered_packets_are_put_in_order(order: list[int]) -> None:
    packets = pictures(3)
    assert assembled(PictureAssembler(), [packets[0], *(packets[number] for number in order)]) == [
        whole(0),
        whole(1),
        whole(2),
    ]


def test_duplicate_and_late_packets_are_ignored() -> None:
    packets = pictures(3)
    assembler = PictureAssembler()
    doubled = [packet for packet in packets for _ in range(2)]
    assert assembled(assembler, [*doubled, packets[0]]) == [whole(0), whole(1), whole(2)]


def test_a_picture_that_lost_a_packet_is_left_out_and_reported() -> None:
    packets = pictures(12)
    del packets[4]
    assembler = PictureAssembler()
    assert assembled(assembler, packets) == [whole(0), *(whole(number) for number in range(2, 12))]
    assert assembler.lost == 1
    assert assembler.reference_lost


def test_a_picture_that_lost_its_last_packet_is_left_out() -> None:
    packets = pictures(12)
    del packets[5]
    assembler = PictureAssembler()
    received = assembled(assembler, packets)
    assert whole(1) not in received
    assert received[-1] == whole(11)
