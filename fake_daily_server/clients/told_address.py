"""The address of the server of a test run, fixed before there is a server.

Test modules that import a bot at their top run its module-level code while tests are collected, and there it reads
DAILY_API_URL and DAILY_API_KEY; the server begins with the first test that needs it.
"""

from __future__ import annotations

from fake_daily_server.settings import Settings
from fake_daily_server.web.listener import bound_listener
from simulator.errors import ConfigurationError

_OWN = "build on the settings that you override: fake_daily_settings.model_copy(update={…})"


class ToldAddress:
    """Free until `close`; the server takes `listener`."""

    def __init__(self) -> None:
        probe = Settings(sip_port=0)
        self.listener = bound_listener(probe.host, 0)
        self.settings = probe.model_copy(update={"port": self.listener.getsockname()[1]})

    @property
    def api_url(self) -> str:
        """As the server will have it."""
        return f"http://{self.settings.host}:{self.settings.port}/v1"

    def kept_by(self, settings: Settings) -> Settings:
        """These settings, at this address and with this key where they leave them open.

        Raises ConfigurationError when they choose others.
        """
        told = {"port": self.settings.port, "api_key": self.settings.api_key}
        left_open = {"port": settings.port == 0, "api_key": "api_key" not in settings.model_fields_set}
        settings = settings.model_copy(update={name: told[name] for name in told if left_open[name]})
        for field in ("host", *told):
            if getattr(settings, field) != getattr(self.settings, field):
                raise ConfigurationError(
                    f"fake_daily_settings.{field}",
                    getattr(settings, field),
                    f"{getattr(self.settings, field)!r}, which was told to the bots that were imported while tests "
                    f"were collected (daily_python = stand-in); {_OWN}",
                )
        return settings

    def close(self) -> None:
        """Give the port back."""
        self.listener.close()
