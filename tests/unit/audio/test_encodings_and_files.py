"""G.711 companding agrees with the standard; resampling, WAV files, PNG files and spectrograms."""

from __future__ import annotations

import os
import struct
import wave
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.audio.g711 import Law, decode, encode, through_g711
from simulator.audio.levels import level_dbfs
from simulator.audio.png import png
from simulator.audio.resampling import resampled
from simulator.audio.samples import as_pcm
from simulator.audio.spectrogram import spectrogram
from simulator.audio.tones import chirp, tone
from simulator.audio.wav import read_wav, write_wav
from simulator.errors import ConfigurationError

LAWS: tuple[Law, ...] = ("PCMU", "PCMA")


def test_codes_have_the_values_of_the_standard() -> None:
    assert list(decode(bytes([0x00, 0x80, 0xFF, 0x7F, 0x8F]), "PCMU")) == [-32124, 32124, 0, 0, 16764]
    assert list(decode(bytes([0xD5, 0x55, 0xAA, 0x2A]), "PCMA")) == [8, -8, 32256, -32256]
    assert encode(np.array([0, 32767, -32768], np.int16), "PCMU") == bytes([0xFF, 0x80, 0x00])
    assert encode(np.array([0, 32767, -32768], np.int16), "PCMA") == bytes([0xD5, 0xAA, 0x2A])


@pytest.mark.parametrize("law", LAWS)
def test_every_code_survives_decoding_and_encoding(law: Law) -> None:
    codes = bytes(range(256))
    back = encode(decode(codes, law), law)
    same = [code for code in range(256) if back[code] == code]
    assert same == [code for code in range(256) if not (law == "PCMU" and code == 0x7F)]  # minus zero becomes zero


@pytest.mark.parametrize("law", LAWS)
def test_the_error_of_companding_is_at_most_a_thirtieth(law: Law) -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    error = np.abs(decode(encode(every, law), law).astype(int) - every)
    assert np.all(error <= np.maximum((np.abs(every.astype(int)) + 132) / 30, 16))


@settings(max_examples=30)
@given(
    hz=st.floats(100, 3400),
    rates=st.tuples(st.sampled_from((8000, 16000, 44100, 48000)), st.sampled_from((8000, 16000, 44100, 48000))),
)
def test_resampling_keeps_a_tone(hz: float, rates: tuple[int, int]) -> None:
    rate, to_rate = rates
    there = resampled(tone(hz, 0.25, -6, rate=rate), rate, to_rate)
    wanted = tone(hz, 0.25, -6, rate=to_rate)
    assert abs(len(there) - len(wanted)) <= 1
    middle = slice(to_rate // 50, len(wanted) - to_rate // 50)
    assert np.abs(there[middle] - wanted[middle]).max() < 0.01


def test_resampling_removes_what_the_lower_rate_cannot_carry() -> None:
    assert level_dbfs(resampled(tone(5500, 0.5, -6), 16000, 8000)[200:-200]) < -80


def test_a_wav_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    sound = as_pcm(tone(440, 0.2))
    path = write_wav(tmp_path / "tone.wav", sound, 16000)
    back, rate = read_wav(path)
    assert rate == 16000
    assert np.array_equal(back, sound)
    narrow, rate = read_wav(path, rate=8000)
    assert (rate, len(narrow)) == (8000, 1600)


def test_the_channels_of_a_wav_file_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.array([[100, 300], [-50, 50]], "<i2").tobytes())
    assert list(read_wav(path)[0]) == [200, 0]


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.wav").write_bytes(b"RIFF junk")
    with wave.open(str(tmp_path / "eight.wav"), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(80))
    for name in ("none.wav", "junk.wav", "eight.wav"):
        with pytest.raises(ConfigurationError, match="16-bit PCM"):
            read_wav(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(ConfigurationError, match="no regular file"):
        read_wav(tmp_path / "pipe.wav")
    with pytest.raises(ConfigurationError, match="null byte"):
        read_wav("a\0.wav")


def chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG file by type, after a check of each checksum."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = {}, 8
    while at < len(data):
        size = struct.unpack_from("!I", data, at)[0]
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack_from("!I", data, at + 8 + size)[0] == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + size
    return found


def test_a_png_file_contains_its_pixels() -> None:
    pixels = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    parts = chunks(png(pixels, np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0]], np.uint8)))
    assert struct.unpack("!2I5B", parts[b"IHDR"]) == (3, 2, 8, 3, 0, 0, 0)
    assert len(parts[b"PLTE"]) == 9
    assert zlib.decompress(parts[b"IDAT"]) == bytes([0, 0, 1, 2, 0, 2, 1, 0])


def picture(data: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    parts = chunks(data)
    width, height = struct.unpack("!2I", parts[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, width + 1)[:, 1:]
    return rows[8:264, 36:936]


@pytest.mark.parametrize("hz", [1500, 3500, 6500])
@pytest.mark.parametrize("seconds", [0.3, 40.0])
def test_a_tone_is_a_bright_line_at_its_frequency(hz: int, seconds: float) -> None:
    field = picture(spectrogram(tone(hz, seconds, -12)))
    bright = np.where(field < 250, field, 0).mean(axis=1)
    assert 256 * (1 - hz / 8000) == pytest.approx(float(bright.argmax()), abs=2)


def test_spectrograms_of_short_sounds_and_of_other_rates_have_the_same_size() -> None:
    assert picture(spectrogram(np.zeros(0))).shape == (256, 900)
    assert picture(spectrogram(tone(440, 0.01, rate=48000), 48000)).shape == (256, 900)


@pytest.mark.parametrize("law", LAWS)
def test_g711_keeps_position_and_length(law: Law) -> None:
    said = chirp()
    heard = through_g711(said, 16000, law)
    assert len(heard) == len(said)
    assert np.corrcoef(said, heard)[0, 1] > 0.99
