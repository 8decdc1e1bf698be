"""The SIP trunks of the domain. In memory."""

from __future__ import annotations

import base64
import secrets
import urllib.parse
from dataclasses import replace
from typing import Any

from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.sip_client import check_password
from fake_daily_server.values.sip_trunk import (
    LONGEST_LABEL,
    NewSipTrunk,
    SipTrunk,
    SipTrunkChanges,
    TrunkConfig,
    TrunkHosts,
)
from simulator.sip_requests.hop import is_loopback


class SipTrunks:
    """The trunks of one domain; used on one loop.

    A trunk is made or changed in two steps, since the customer's server has to accept a test request between them:
    `made` and `changed` check a request and return the trunk that it leads to, `put` keeps it.
    """

    def __init__(self, settings: Settings, sip_address: str) -> None:
        self._settings = settings
        self.hosts = TrunkHosts(settings.domain, sip_address)
        self._trunks: dict[str, SipTrunk] = {}

    def clear(self) -> None:
        """Remove all trunks."""
        self._trunks.clear()

    @property
    def all(self) -> tuple[SipTrunk, ...]:
        """The trunks, oldest first."""
        return tuple(self._trunks.values())

    def get(self, ident: str) -> SipTrunk:
        """The trunk with this id. Raises NotFound."""
        if (trunk := self._trunks.get(ident)) is None:
            raise NotFound(f"no SIP trunk {ident!r}; GET /sip-trunk lists all")
        return trunk

    def named(self, name: str) -> SipTrunk | None:
        """The trunk with this name, if there is one."""
        return next((trunk for trunk in self._trunks.values() if trunk.name == name), None)

    def made(self, request: NewSipTrunk) -> SipTrunk:
        """The trunk that a request leads to. Raises InvalidRequest if a value is not usable, or the name is taken."""
        trunk = SipTrunk(
            id=new_uuid(),
            name=request.trunk_name,
            room_template=request.room_template,
            webhook_url=self._usable_url(request.notification.webhook_url),
            hmac=request.notification.hmac or _new_secret(),
            config=_checked(request.trunk_config),
            description=request.description,
            enabled=request.enabled,
        )
        label = self.hosts.label(trunk.name)
        if len(label) > LONGEST_LABEL:
            raise InvalidRequest(
                f"trunk_name was {trunk.name!r}; the label {label!r} of its host has {len(label)} characters, and may "
                f"have {LONGEST_LABEL}"
            )
        self._check_name_is_free(trunk)
        return trunk

    def changed(self, ident: str, changes: SipTrunkChanges) -> SipTrunk:
        """The trunk that changes lead to: the given fields change, and nothing else.

        Raises NotFound, and InvalidRequest if a value is not usable or the trunk would be neither open nor gated.
        """
        trunk, given = self.get(ident), changes.model_fields_set
        if "trunk_name" in given:
            raise InvalidRequest("trunk_name cannot be changed; delete the trunk and create another one")
        for name in given - {"description"}:
            if getattr(changes, name) is None:
                raise InvalidRequest(f"{name} cannot be null; omit it to keep its value")
        updates: dict[str, Any] = {
            name: getattr(changes, name) for name in ("description", "room_template", "enabled") if name in given
        }
        if (notification := changes.notification) is not None:
            if "webhook_url" in notification.model_fields_set:
                if notification.webhook_url is None:
                    raise InvalidRequest("notification.webhook_url cannot be null; omit it to keep its value")
                updates["webhook_url"] = self._usable_url(notification.webhook_url)
            if "hmac" in notification.model_fields_set:
                updates["hmac"] = notification.hmac or _new_secret()
        if (config := changes.trunk_config) is not None:
            overlay = {name: getattr(config, name) for name in config.model_fields_set}
            updates["config"] = _checked(trunk.config.model_copy(update=overlay))
        return replace(trunk, **updates)

    def put(self, trunk: SipTrunk) -> None:
        """Keep a trunk that is new or was changed. Raises InvalidRequest if another one got its name meanwhile."""
        self._check_name_is_free(trunk)
        self._trunks[trunk.id] = trunk

    def delete(self, ident: str) -> None:
        """Remove a trunk with its credential; its calls go on. Raises NotFound."""
        del self._trunks[self.get(ident).id]

    def _check_name_is_free(self, trunk: SipTrunk) -> None:
        taken = self.named(trunk.name)
        if taken is not None and taken.id != trunk.id:
            raise InvalidRequest(f"a SIP trunk named {trunk.name!r} already exists")

    def _usable_url(self, url: str) -> str:
        """Return the URL. Raises InvalidRequest for http to another host than this machine and the allowed ones."""
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
        is_near = host == "localhost" or is_loopback(host) or host in self._settings.allow_hosts
        if parts.scheme != "https" and not is_near:
            raise InvalidRequest(
                f"notification.webhook_url was {url!r}; allowed: https://…, and http://… to this machine or a host in "
                "allow_hosts"
            )
        return url


def _checked(config: TrunkConfig) -> TrunkConfig:
    """Return the configuration. Raises InvalidRequest if it is open and gated, or neither, or the password is weak."""
    if config.credential is not None:
        check_password(config.credential.password, name="trunk_config.credential.password", otherwise="")
    is_gated = bool(config.allowed_ips) or config.credential is not None
    if config.is_open and is_gated:
        raise InvalidRequest(
            "trunk_config has is_open: true beside allowed_ips or a credential; allowed: an open trunk, or a gated one"
        )
    if not config.is_open and not is_gated:
        raise InvalidRequest(
            "trunk_config admits nobody; give it allowed_ips or a credential, or is_open: true for calls of anybody"
        )
    return config


def _new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
