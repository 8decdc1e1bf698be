"""All that serves HTTP, in one import, so that a server can begin with its SIP side while this loads."""

from fake_daily_server.app import create_app
from fake_daily_server.control.app import ControlApp
from fake_daily_server.http_server import HttpServer

__all__ = ["ControlApp", "HttpServer", "create_app"]
