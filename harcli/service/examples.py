"""What the page about the interface shows."""

from __future__ import annotations

from typing import Any

from harcli.results.columns import TIME_COLUMNS

_RECORD = {
    **{"path": "bus.jpg", "width": 810, "height": 1080, "person": 1},
    **{"x1": 49.2, "y1": 398.6, "x2": 243.9, "y2": 902.8, "score": 0.92},
    **{"tags": ["male", "jacket", "long-pants"], "error": None},
    **{"probabilities": {"male": 0.93, "jacket": 0.71, "long-pants": 0.97, "hat": 0.02}, "note": None},
    **dict.fromkeys(TIME_COLUMNS),
}
_RESULTS = {
    "harcli": {
        "format": 1,
        "version": "2026.12.0",
        "model": {"name": "da-har-lite2", "provider": "CPUExecutionProvider"},
        "detector": {"name": "person-detector", "provider": "CPUExecutionProvider", "confidence": 0.25},
        "left_out": {},
        "attributes": [{"name": "male", "group": "sex", "threshold": 0.64}],
    },
    "records": [_RECORD],
}
_NO_RECORD: dict[str, Any] = {name: 0 if name == "person" else [] if name == "tags" else None for name in _RECORD}
_UNREADABLE = _RESULTS | {"records": [_NO_RECORD | {"path": "notes.txt", "error": "not a photo in a format ..."}]}

URLS = {"urls": ["https://photos.example.org/2024/bus.jpg", "https://photos.example.org/2024/zidane.jpg"]}


def _answer(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


def _refusal(description: str, detail: str) -> dict[str, Any]:
    return _answer(description, {"detail": detail})


RESULTS = _answer("The records, as in the JSON files of `harcli tag`: one per person", _RESULTS)

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: _refusal("The token is missing or wrong", "the token is missing or wrong"),
    408: _refusal("The body came too slowly", "the body took longer than 30 s"),
    413: _refusal("Too large", "larger than 50 MB, which is the most that this service takes"),
    415: _refusal("The body is of another kind", "expected Content-Type: application/json"),
    429: _refusal("Too many photos wait; `Retry-After` says when to come again", "64 photos are waiting, ..."),
    500: _refusal("Detection or recognition failed", "detection or recognition failed with this photo"),
    503: _refusal("It took too long, or the service is being stopped", "not done within 60 s; try again later"),
}
PHOTO: dict[int | str, dict[str, Any]] = {
    200: RESULTS,
    400: _refusal("There is no photo in the request", "the body is empty; send the photo as the body, ..."),
    422: _answer("The photo cannot be read: one record, whose `error` says why", _UNREADABLE),
    **REFUSALS,
    415: _refusal("The body is JSON", "expected a photo: its bytes as the body, ...; lists of URLs go to /tag/urls"),
}
LIST: dict[int | str, dict[str, Any]] = {
    200: RESULTS | {"description": "The records of all photos in turn; one that cannot be had has an `error`"},
    400: _refusal("No list of URLs", 'expected {"urls": ["https://...", ...]}'),
    403: _refusal("A URL is not allowed", "urls[0]: it is not among those that the operator allows"),
    **REFUSALS,
}
PHOTO_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {"photo": {"type": "string", "format": "binary"}},
                }
            },
            "image/*": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
LIST_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["urls"],
                    "properties": {"urls": {"type": "array", "items": {"type": "string", "format": "uri"}}},
                },
                "example": URLS,
            }
        },
    }
}


def with_nulls(schema: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's description of the interface, whose examples it has robbed of all that is null."""
    for path, answers in (("/tag", PHOTO), ("/tag/urls", LIST)):
        described = schema["paths"][path]["post"]["responses"]
        for status, answer in answers.items():
            described[str(status)]["content"] = answer["content"]
    return schema
