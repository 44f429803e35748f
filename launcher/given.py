"""Servers that the environment names are asked first: a wrong address is a sentence then, no traceback."""

from collections.abc import Mapping

from launcher.state import give_up

PATIENCE = 3  # seconds


def check_given(env: Mapping[str, str]) -> None:
    """Stop with a sentence when DATABASE_URL or REDIS_URL is given and does not work."""
    if (address := env.get("DATABASE_URL", "")).startswith(("postgres://", "postgresql://")):
        _check_database(address)
    if address := env.get("REDIS_URL", ""):
        _check_broker(address)


def _check_database(address: str) -> None:
    import psycopg  # costs time that an embedded run saves

    try:
        psycopg.connect(address, connect_timeout=PATIENCE).close()
    except psycopg.OperationalError as error:
        give_up(f"The database of DATABASE_URL cannot be used: {_first_line(error)}")
    except psycopg.ProgrammingError:
        return  # an address with options that only Django knows


def _check_broker(address: str) -> None:
    import redis  # costs time that an embedded run saves

    try:
        client = redis.Redis.from_url(
            address.replace("redis+socket://", "unix://"),
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
        )
        client.ping()
        client.close()
    except ValueError as error:
        give_up(f"REDIS_URL is not an address of a broker: {_first_line(error)}")
    except redis.RedisError as error:
        give_up(f"The broker of REDIS_URL cannot be used: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].removesuffix(".") + "."
