"""Requests to other systems. A plugin that uses this wants `http`."""

from componentize_py_types import Err
from wit_world.imports import outbound
from wit_world.imports.outbound import HttpError_Invalid, HttpError_NotAllowed, Method, Request, Response
from wit_world.imports.types import (
    PluginError_Configuration, PluginError_Failed, PluginError_Unavailable,
)

from .safe_json import from_json, to_json


def post(url: str, value, headers=()) -> Response:
    """Posts a value as JSON; answers the response, whatever its status.

    In the value of a header `{{secret:NAME}}` is put in by the host. Raises `unavailable` if there is
    no answer, and `configuration` if none may be had.
    """
    headers = [("content-type", "application/json"), *headers]
    return _sent(Request(Method.POST, url, headers, to_json(value), None))


def get(url: str, headers=()) -> Response:
    """Asks for what is at a URL; as `post`."""
    return _sent(Request(Method.GET, url, list(headers), b"", None))


def taken(response: Response):
    """The JSON of a response of the 200s, `None` without any.

    Raises `unavailable` for a response after which the same may go well later, and `failed` for any
    other.
    """
    status = response.status
    if status in (408, 429) or 500 <= status:
        raise Err(PluginError_Unavailable(f"it answered {status}"))
    if not 200 <= status < 300:
        raise Err(PluginError_Failed(f"it answered {status}"))
    try:
        return from_json(response.body) if response.body else None
    except ValueError as error:
        raise Err(PluginError_Failed(f"its answer is no JSON: {error}"))


def _sent(request: Request) -> Response:
    try:
        return outbound.send(request)
    except Err as error:
        why = getattr(error.value, "value", "")
        if isinstance(error.value, (HttpError_Invalid, HttpError_NotAllowed)):
            raise Err(PluginError_Configuration(why))
        kind = type(error.value).__name__.removeprefix("HttpError_").lower()
        raise Err(PluginError_Unavailable(f"{kind}: {why}" if why else f"no answer: {kind}"))
