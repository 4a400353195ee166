"""A function in a process of its own, which its input may bring down."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from archiver.workers.process import WorkerCrashed, WorkerNotStarted, WorkerProcess

T = TypeVar("T")
Answers = list[str | BaseException]


ODD = "tests.archive.answering_oddly"


def with_one(use: Callable[[WorkerProcess], Awaitable[T]], patience: int | None = None, module: str = ODD) -> T:
    async def run() -> T:
        elsewhere = WorkerProcess(module, patience)
        try:
            return await use(elsewhere)
        finally:
            await elsewhere.kill()

    return asyncio.run(run())


def told(answers: Answers) -> list[str]:
    return [str(answer) if isinstance(answer, WorkerCrashed) else f"answer {answer}" for answer in answers]


async def ask(elsewhere: WorkerProcess, *messages: str) -> Answers:
    return await asyncio.gather(*map(elsewhere.ask, messages), return_exceptions=True)


def test_messages_are_answered_each_with_its_own_answer() -> None:
    messages = [f"message {number}" for number in range(50)]
    assert with_one(lambda elsewhere: ask(elsewhere, *messages)) == [message.upper() for message in messages]


def test_a_message_that_crashes_the_process_is_blamed_and_the_others_are_answered() -> None:
    answers = with_one(lambda elsewhere: ask(elsewhere, "a", "crash", "b", "crash", "c"))
    blame = "it brought the reading process down"
    assert told(answers) == ["answer A", blame, "answer B", blame, "answer C"]


def test_a_message_that_takes_for_ever_is_given_up() -> None:
    answers = with_one(lambda elsewhere: ask(elsewhere, "a", "hang", "b"), patience=1)
    assert told(answers) == ["answer A", "it was not read within 1 seconds", "answer B"]


def test_a_process_that_does_not_start_is_no_message_s_fault() -> None:
    answers = with_one(lambda elsewhere: ask(elsewhere, "a", "b"), module="tests.archive.there_is_no_such_module")
    assert [type(answer) for answer in answers] == [WorkerNotStarted, WorkerNotStarted]


def test_nobody_waits_for_a_process_that_is_killed() -> None:
    async def use(elsewhere: WorkerProcess) -> Answers:
        asked = asyncio.ensure_future(ask(elsewhere, "a", "hang", "b"))
        while elsewhere.load != 2:  # "a" is answered, the others wait
            await asyncio.sleep(0.01)
        asked.cancel()
        await elsewhere.kill()
        return await asyncio.gather(asked, return_exceptions=True)

    (ended,) = with_one(use)
    assert isinstance(ended, asyncio.CancelledError)
