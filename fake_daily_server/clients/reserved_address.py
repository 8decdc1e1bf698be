"""ReservedAddress: the address and API key of a test run's server, determined before the server starts.

When pytest collects a test module that imports a bot at its top, the bot's module-level code reads DAILY_API_URL and
DAILY_API_KEY. The server starts later, with the first test that needs it.
"""

from __future__ import annotations

from fake_daily_server.settings import Settings
from fake_daily_server.web.listener import bound_listener
from simulator.errors import ConfigurationError

_ADVICE = "build on the settings that you override: fake_daily_settings.model_copy(update={…})"


class ReservedAddress:
    """A bound TCP port and an API key, reserved until `close`; the server later takes over the socket `listener`."""

    def __init__(self) -> None:
        settings = Settings(sip_port=0)
        self.listener = bound_listener(settings.host, 0)
        self.settings = settings.model_copy(update={"port": self.listener.getsockname()[1]})

    @property
    def api_url(self) -> str:
        """The `api_url` that the server will have."""
        return f"http://{self.settings.host}:{self.settings.port}/v1"

    def apply_to(self, settings: Settings) -> Settings:
        """Return `settings` with the reserved port and key in place of unset ones.

        Raises ConfigurationError if `settings` has another host, port or key.
        """
        reserved = {"port": self.settings.port, "api_key": self.settings.api_key}
        unset = {"port": settings.port == 0, "api_key": "api_key" not in settings.model_fields_set}
        settings = settings.model_copy(update={name: reserved[name] for name in reserved if unset[name]})
        for field in ("host", *reserved):
            if getattr(settings, field) != getattr(self.settings, field):
                raise ConfigurationError(
                    f"fake_daily_settings.{field}",
                    getattr(settings, field),
                    f"{getattr(self.settings, field)!r}, which bots that were imported while tests were collected "
                    f"already use (daily_python = stand-in); {_ADVICE}",
                )
        return settings

    def close(self) -> None:
        """Release the port."""
        self.listener.close()
