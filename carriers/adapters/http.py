"""One way of speaking HTTP for every carrier: time-outs, size limit, no redirects, one class of error."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from carriers.adapters.base import CarrierError, GarbageError

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 5.0
MAX_ANSWER = 1024 * 1024
USER_AGENT = "Woop/1"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """Return the decoded body, or raise GarbageError: carriers answer with HTML and XML at times."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            start = self.body[:80].decode("utf-8", "replace")
            raise GarbageError(f"the answer is not JSON: {start!r}", status=self.status) from error

    def object(self) -> dict[str, Any]:
        decoded = self.json()
        if not isinstance(decoded, dict):
            raise GarbageError("the answer is no JSON object", status=self.status)
        return decoded


class CarrierHttp:
    """A session with one carrier account.

    `writes=True` marks a call that changes something there, whatever its method: when its answer is
    lost, the error says `unknown`. A read that is lost is merely tried again, so it waits less long.
    A read and a write together must end before a worker is stopped, well within 20 s.
    """

    def __init__(
        self,
        base_url: str,
        *,
        total_s: float,
        headers: Mapping[str, str] | None = None,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._total_s = total_s
        self._headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **(headers or {})}
        self._secrets = tuple(secret for secret in secrets if secret)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # The limiter paces the calls, so the connector need not.
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(headers=self._headers, connector=connector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened().close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use the adapter with `async with`")
        return self._session

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, writes: bool = False
    ) -> Answer:
        return await self.send("GET", path, params=params, writes=writes)

    async def post(self, path: str, payload: object) -> Answer:
        return await self.send("POST", path, payload=payload, writes=True)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        payload: object = None,
        writes: bool = False,
    ) -> Answer:
        """Return the answer, whatever its status; raise CarrierError if there is none."""
        session = self._opened()
        total = self._total_s if writes else min(self._total_s, READ_TIMEOUT_S)
        timeout = aiohttp.ClientTimeout(total=total, sock_connect=CONNECT_TIMEOUT_S)
        try:
            async with session.request(
                method,
                self.base_url + path,
                params=params,
                json=payload,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                body = await self._read(response, writes)
                return Answer(response.status, body, dict(response.headers))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # Nothing was sent: even a write can simply be tried again.
            raise CarrierError("unreachable", self._clean(error)) from error
        except TimeoutError as error:
            raise CarrierError("timeout", f"no answer to {method} {path}", unknown=writes) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise CarrierError("broken", self._clean(error), unknown=writes) from error

    async def _read(self, response: aiohttp.ClientResponse, writes: bool) -> bytes:
        chunks = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            chunks += chunk
            if len(chunks) > MAX_ANSWER:
                raise GarbageError("the answer is over 1 MiB", unknown=writes, status=response.status)
        return bytes(chunks)

    def _clean(self, error: Exception) -> str:
        text = f"{type(error).__name__}: {error}"
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text[:500]


def refuse(answer: Answer, *, writes: bool = False, sentence: str = "") -> CarrierError:
    """Return the error for an answer that is not the one hoped for.

    A 5xx after a write leaves open whether it was done; 429 and 3xx were certainly not.
    """
    detail = sentence or f"the carrier answered {answer.status}"
    if answer.status == 429:
        return CarrierError(
            "too_many", "too many calls", status=429, retry_after=_seconds(answer.headers.get("Retry-After"))
        )
    if answer.status in {401, 403}:
        return CarrierError("unauthorized", detail, permanent=True, status=answer.status)
    if answer.status == 408 or answer.status >= 500:
        return CarrierError("unavailable", detail, unknown=writes, status=answer.status)
    return CarrierError("refused", detail, permanent=True, status=answer.status)


def _seconds(text: str | None) -> float | None:
    """Read a Retry-After in seconds; its other form, a date, is not worth trusting a clock for."""
    try:
        return min(max(float(text or ""), 0.0), 3600.0)
    except ValueError:
        return None
