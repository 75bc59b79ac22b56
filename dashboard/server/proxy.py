"""What a reverse proxy forwards about the browser behind it, trusted only from the proxies that were named."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

LOCAL = "127.0.0.1,::1"  # a proxy on this machine
_FORWARDED_HOST = b"x-forwarded-host"


class Proxy:
    """Takes name, scheme and client from X-Forwarded-Host, -Proto and -For where `trusted` (addresses, networks, "*") sent them."""

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        self.app = app
        self.believed = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is not None and client[0] in self.believed.trusted_hosts:
            forwarded = [value for name, value in scope["headers"] if name == _FORWARDED_HOST]
            if forwarded:  # the last one is the proxy's own word, those before came to it
                host = forwarded[-1].rpartition(b",")[2].strip()
                scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"host"] + [(b"host", host)]
        await self.believed(scope, receive, send)  # type: ignore[arg-type]
