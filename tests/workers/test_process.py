"""A function in a process of its own, which its input may crash, and whose answers nobody trusts."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from archiver.workers.process import NOT_UNICODE, LoopThread, WorkerCrashed, WorkerNotStarted, WorkerProcess
from tests.workers.answering_oddly import FALSE

T = TypeVar("T")
Answers = list[str | BaseException]


ODD = "tests.workers.answering_oddly"


def with_one(use: Callable[[WorkerProcess], Awaitable[T]], patience: int | None = None, module: str = ODD) -> T:
    async def run() -> T:
        worker = WorkerProcess(module, patience)
        try:
            return await use(worker)
        finally:
            await worker.kill()

    return asyncio.run(run())


def shown(answers: Answers) -> list[str]:
    return [str(answer) if isinstance(answer, WorkerCrashed) else f"answer {answer}" for answer in answers]


async def ask(worker: WorkerProcess, *requests: str) -> Answers:
    return await asyncio.gather(*(worker.ask(request, str) for request in requests), return_exceptions=True)


def test_requests_are_answered_each_with_its_own_answer() -> None:
    requests = [f"request {number}" for number in range(50)]
    assert with_one(lambda worker: ask(worker, *requests)) == [request.upper() for request in requests]


def test_a_message_that_crashes_the_process_is_blamed_and_the_others_are_answered() -> None:
    answers = with_one(lambda worker: ask(worker, "a", "crash", "b", "crash", "c"))
    blame = "it brought the reading process down"
    assert shown(answers) == ["answer A", blame, "answer B", blame, "answer C"]


def test_a_message_that_takes_for_ever_is_given_up() -> None:
    answers = with_one(lambda worker: ask(worker, "a", "hang", "b"), patience=1)
    assert shown(answers) == ["answer A", "it was not read within 1 seconds", "answer B"]


def test_a_process_that_does_not_start_is_no_message_s_fault() -> None:
    answers = with_one(lambda worker: ask(worker, "a", "b"), module="tests.workers.there_is_no_such_module")
    assert [type(answer) for answer in answers] == [WorkerNotStarted, WorkerNotStarted]


def test_nobody_waits_for_a_process_that_is_killed() -> None:
    async def use(worker: WorkerProcess) -> Answers:
        asked = asyncio.ensure_future(ask(worker, "a", "hang", "b"))
        while worker.load != 2:  # "a" is answered, the others wait
            await asyncio.sleep(0.01)
        asked.cancel()
        await worker.kill()
        return await asyncio.gather(asked, return_exceptions=True)

    (ended,) = with_one(use)
    assert isinstance(ended, asyncio.CancelledError)


# --- answers that nobody trusts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("false", FALSE)
def test_what_is_no_answer_ends_the_process_and_costs_one_request(
    false: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answers = with_one(lambda worker: ask(worker, "a", false, "b"))
    assert shown(answers) == ["answer A", "what came back from the reading process is no answer", "answer B"]
    assert not list(tmp_path.iterdir()), "nothing of it was run"


def test_an_answer_that_cannot_be_written_costs_itself_and_the_process_goes_on() -> None:
    async def use(worker: WorkerProcess) -> tuple[Answers, bool]:
        first = await ask(worker, "a")
        process = worker._process
        return first + await ask(worker, "half a character", "a large number", "too much", "b"), worker._process is process

    answers, is_the_same = with_one(use)
    too_much = "what it holds is longer than 134,217,728 bytes"
    assert shown(answers) == ["answer A", NOT_UNICODE, NOT_UNICODE, too_much, "answer B"]
    assert is_the_same


def test_so_does_a_request_that_cannot_be_written() -> None:
    assert shown(with_one(lambda worker: ask(worker, "a", "\ud83d", "b"))) == ["answer A", NOT_UNICODE, "answer B"]


def test_the_kernel_ends_a_worker_before_its_caller_where_memory_runs_out() -> None:
    async def use(worker: WorkerProcess) -> int:
        await ask(worker, "a")
        assert worker._process is not None
        return int(Path(f"/proc/{worker._process._process.pid}/oom_score_adj").read_text())

    assert with_one(use) == 500


# --- callers without a loop ---------------------------------------------------------------------------------------------------


def test_a_thread_answers_those_who_have_no_loop() -> None:
    thread, worker = LoopThread(), WorkerProcess(ODD)
    futures = [thread.submit(worker.ask(f"request {number}", str)) for number in range(50)]
    assert [future.result() for future in futures] == [f"REQUEST {number}" for number in range(50)]
    thread.submit(worker.kill()).result()
    thread.close()


def test_it_ends_while_something_is_still_asked() -> None:
    thread, worker = LoopThread(), WorkerProcess(ODD)
    asked = thread.submit(worker.ask("hang", str))
    with contextlib.suppress(TimeoutError):
        asked.result(0.2)
    thread.submit(worker.kill()).result()
    thread.close()
    assert asked.cancelled() or asked.exception() is not None
