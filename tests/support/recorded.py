"""Pages and replies of the API, recorded and in the index."""

import asyncio

from archiver.model.exchange import Exchange, ResourceType
from archiver.recording.recorder import Recorded, Recorder
from tests.support.exchanges import PAGE_URL, exchange
from tests.support.mastodon_web import api, status


def body(response: bytes) -> bytes:
    return response.partition(b"\r\n\r\n")[2]


def kept(recorder: Recorder, one: Exchange) -> Recorded:
    """Recorded, and in the index."""

    async def keep() -> Recorded:
        return await recorder.record(one)

    recorded = asyncio.run(keep())
    recorder.commit()
    return recorded


def a_page(recorder: Recorder, content: bytes, seconds: float = 0) -> Recorded:
    return kept(recorder, exchange(PAGE_URL, body(content), seconds=seconds))


def a_reply(recorder: Recorder, number: str, **more: object) -> Recorded:
    url, raw = f"https://social.example{api(number)}", body(status(number, **more))
    return kept(recorder, exchange(url, raw, headers=("Content-Type: application/json",), resource_type=ResourceType.FETCH))
