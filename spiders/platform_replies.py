"""How the platforms answered in one crawl, told in one note for each that left something unanswered."""

from collections import Counter
from dataclasses import dataclass, field

from archiver.crawling.session import CrawlOutcome
from archiver.model.findings import Findings, PostRef, PostState
from archiver.platforms import platform_named, platforms_at
from archiver.urls import host_of
from spiders.crawl_request import CrawlRequest

MAX_PICTURES = 10_000  # of one platform that are compared with each other
MANY_ALIKE = 4  # people do upload a picture twice
MAX_REASONS = 3  # of one platform, in its note; the others are counted


def says_nothing(findings: Findings) -> bool:
    """Whether a reply leaves open how it is with the post: a refusal, or a bare "not found", which may be all the host says."""
    if findings.refusal is not None:
        return True
    return bool(findings.statements) and all(one.state is PostState.NOT_FOUND for one in findings.statements)


@dataclass(slots=True)
class _Answers:
    """What one platform answered."""

    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(host, reason) -> how often."""
    not_found: Counter[str] = field(default_factory=Counter)
    """Host -> how many posts it said "not found" of."""
    stand_ins: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(host, reason) -> how many pictures it served another one for."""
    alike: dict[str, set[str]] = field(default_factory=dict)
    """SHA-256 of a picture -> the keys under which it came."""
    asked: int = 0


class PlatformReplies:
    """Counts the replies of each platform; at the end one note a platform says what it left unanswered."""

    def __init__(self, outcome: CrawlOutcome) -> None:
        self._outcome = outcome
        self._answers: dict[str, _Answers] = {}
        self._live: set[str] = set()  # hosts that answered for a live post
        self._doubted: set[str] = set()  # hosts that a control post was to be asked for at
        self._broken: set[str] = set()  # hosts that do not answer for a control post either

    def add(self, ref: PostRef, request: CrawlRequest, findings: Findings) -> bool:
        """Takes one reply. True for the first "not found" of its host: then a control post should be asked for there."""
        host = host_of(request.url)
        if any(one.state is PostState.LIVE for one in findings.statements):
            self._live.add(host)
        elif request.control:
            self._broken.add(host)
        if request.control or (request.fallbacks and says_nothing(findings)):  # the next address may answer
            return False
        answers = self._answers.setdefault(ref.platform, _Answers())
        answers.asked += not request.redirects
        if findings.refusal is not None:
            answers.refusals[host, findings.refusal] += 1
        elif says_nothing(findings):
            answers.not_found[host] += 1
            if host not in self._live | self._doubted:
                self._doubted.add(host)
                return True
        return False

    def add_unreached(self, ref: PostRef, request: CrawlRequest, reason: str) -> None:
        """Takes a request to which no reply came."""
        if not (request.control or request.fallbacks):
            answers = self._answers.setdefault(ref.platform, _Answers())
            answers.asked += not request.redirects
            answers.refusals[host_of(request.url), f"was not reached: {reason}"] += 1

    def add_picture(self, request: CrawlRequest, findings: Findings) -> None:
        """Takes the response to a picture: what a platform serves in its place is told as well.

        One that is not known to stand for others is told where several pictures of a host that does so are the same.
        """
        platform = next(platforms_at(request.url), None)
        if platform is None or not platform.stand_ins:
            return
        answers = self._answers.setdefault(platform.name, _Answers())
        if findings.refusal is not None:
            answers.stand_ins[request.host, findings.refusal] += 1
        elif findings.media is not None and (key := platform.media_key(request.url)) is not None:
            alike = answers.alike.setdefault(findings.media.sha256, set())
            if len(answers.alike) <= MAX_PICTURES:
                alike.add(key)
            else:
                del answers.alike[findings.media.sha256]

    def report(self) -> None:
        """Writes the notes into the crawl's outcome. Call it once, at the end."""
        for name, answers in self._answers.items():
            platform, notes = platform_named(name), self._outcome.notes
            said = [
                f"{host} {reason} ({count:,} of {answers.asked:,} posts asked about)"
                for (host, reason), count in answers.refusals.most_common()
                if host not in notes  # else it says already why it was abandoned
            ]
            said += [
                f'{host} says "not found" of {count:,} posts'
                + (", and of one that is known to be live as well" if host in self._broken else ", and answers for none")
                + ": none of them counts as gone"
                for host, count in answers.not_found.most_common()
                if host not in self._live
            ]
            said += [f"{host} {reason} ({count:,} pictures)" for (host, reason), count in answers.stand_ins.most_common()]
            said += [
                f"one picture (SHA-256 {sha256}) was served for {len(keys):,}: perhaps it stands for what is withheld here"
                for sha256, keys in answers.alike.items()
                if len(keys) >= MANY_ALIKE
            ]
            if said and platform is not None:
                more = f"; and {len(said) - MAX_REASONS} more" if len(said) > MAX_REASONS else ""
                notes[platform.title] = "; ".join(said[:MAX_REASONS]) + more
