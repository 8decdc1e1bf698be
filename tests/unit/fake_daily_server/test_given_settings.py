"""Settings as texts: those of `--set` and `--settings`, and their conversion to the types of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fake_daily_server.server_options import given_settings
from fake_daily_server.settings import FIXED_AT_START, Settings, checked_settings
from fake_daily_server.values.typed_texts import typed_texts
from simulator.errors import ConfigurationError


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("ring_timeout=5", 5),
        ("rate_limits=true", True),
        ("ok=false", False),
        ("ok=true", True),
        ("ok==true", "true"),
        ("webhook_test_value=true", True),
        ("webhook_test_value=test", "test"),
        ("hold_limit=null", None),
        ("hold_music=music.wav", Path("music.wav")),
        ("api_key=12345", "12345"),
        ("dialin_number=12095038039", "12095038039"),
        ("dialin_codecs=[PCMU, G722]", ("PCMU", "G722")),
        ('phone_numbers=["+14155550142"]', ("+14155550142",)),
        ("phone_numbers=[+14155550142]", ("+14155550142",)),
    ],
)
def test_an_assignment_has_the_type_of_its_setting(assignment: str, value: Any) -> None:
    name, _, _ = assignment.partition("=")
    assert getattr(checked_settings(given_settings(None, [assignment])), name) == value


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_assignments_precede_the_settings_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"settings{suffix}"
    file.write_text(
        '{"ring_timeout": 5, "provider": "signalwire", "ok": "=true"}'
        if suffix == ".json"
        else "ring_timeout: 5\nprovider: signalwire\nok: =true\n"
    )
    settings = checked_settings(given_settings(file, ["ring_timeout=3"]))
    assert (settings.ring_timeout, settings.provider, settings.ok) == (3, "signalwire", "true")


@pytest.mark.parametrize(
    ("assignment", "text"),
    [
        ("ring_timout=5", "unknown setting 'ring_timout'; did you mean 'ring_timeout'?"),
        ("xyz=5", "unknown setting 'xyz'; known: host, port, sip_port,"),
        ("ring_timeout", "--set: 'ring_timeout' is not usable; allowed: NAME=VALUE"),
        ("ring_timeout=soon", "ring_timeout: 'soon' is not usable; allowed: a number greater than 0"),
        (
            "most_gateway_workers=many",
            "most_gateway_workers: 'many' is not usable; allowed: a whole number from 1 to 64",
        ),
        ("rate_limits=often", "rate_limits: 'often' is not usable; allowed: true or false"),
        ("ok=maybe", "ok: 'maybe' is not usable; allowed: 'true' or true or false"),
        ("dialin_codecs=PCMU", "dialin_codecs: 'PCMU' is not usable; allowed: a list"),
        ("dialin_codecs=[PCMX]", "dialin_codecs.0: 'PCMX' is not usable; allowed: 'OPUS'"),
        ("dialin_codecs=[PCMU", "--set dialin_codecs: '[PCMU' is not usable; allowed: YAML"),
        ("public_address=a b", "public_address: 'a b' is not usable; allowed: a host name or an IPv4 address"),
        (
            "allow_hosts=[a b]",
            "allow_hosts: 'a b' is not usable; allowed: a host name or an IP address, without scheme",
        ),
        ("allow_hosts=['pbx:5060']", "allow_hosts: 'pbx:5060' is not usable; allowed: a host name or an IP address"),
        ("host_names=['http://ci']", "host_names: 'http://ci' is not usable; allowed: a host name or an IP address"),
        ("allow_hosts=pbx", "allow_hosts: 'pbx' is not usable; allowed: a list"),
        ("domain=a b", "domain: 'a b' is not usable; allowed: 1 to 63 letters"),
    ],
)
def test_a_mistake_names_the_setting_the_value_and_what_is_allowed(assignment: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as mistake:
        checked_settings(given_settings(None, [assignment]))
    assert text in str(mistake.value)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "No such file"),
        (b"\xff", "it is not UTF-8"),
        (b"- ring_timeout", "a file with `name: value` lines"),
        (b"", "a file with `name: value` lines"),
        (b"a: [", "YAML"),
    ],
)
def test_an_unusable_file_is_named(tmp_path: Path, content: bytes | None, text: str) -> None:
    file = tmp_path / "settings.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=str(file)) as mistake:
        given_settings(file, [])
    assert text in str(mistake.value)


def test_names_that_the_model_does_not_have_stay_texts() -> None:
    assert typed_texts(Settings, {"ring_timout": "5"}) == {"ring_timout": "5"}


def test_settings_of_a_running_server_change_except_those_of_its_start() -> None:
    settings = Settings(api_key="k")
    assert settings.changed({}) is settings
    assert settings.changed({"ring_timeout": 5}) == settings.model_copy(update={"ring_timeout": 5})
    for name in FIXED_AT_START:
        with pytest.raises(ConfigurationError, match=f"{name}: .*only at the start of a server"):
            settings.changed({name: getattr(settings, name)})
    with pytest.raises(ConfigurationError, match="did you mean 'ring_timeout'"):
        settings.changed({"ring_timout": 5})
