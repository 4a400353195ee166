"""How the platforms answered in one crawl, told in one note for each that left something unanswered."""

from collections import Counter
from dataclasses import dataclass, field

from archiver.crawling.session import CrawlOutcome
from archiver.model.findings import Findings, PostRef, PostState
from archiver.platforms import platform_named
from archiver.urls import host_of
from spiders.crawl_request import CrawlRequest

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
    broken: set[str] = field(default_factory=set)
    """Hosts that say "not found" of a control post as well, or refuse it."""
    asked: int = 0


class PlatformReplies:
    """Counts the replies of each platform; at the end one note a platform says what it refused."""

    def __init__(self, outcome: CrawlOutcome) -> None:
        self._outcome = outcome
        self._answers: dict[str, _Answers] = {}
        self._proved: set[str] = set()  # hosts that answered for a live post, or that a control post was asked for at

    def add(self, ref: PostRef, request: CrawlRequest, findings: Findings) -> bool:
        """Takes one reply. True for the first "not found" of its host: then a control post should be asked for there."""
        answers, host = self._answers.setdefault(ref.platform, _Answers()), host_of(request.url)
        if request.control:
            if says_nothing(findings):
                answers.broken.add(host)
            return False
        if request.fallbacks and says_nothing(findings):
            return False  # the next address may answer
        answers.asked += not request.redirects
        if findings.refusal is not None:
            answers.refusals[host, findings.refusal] += 1
        elif says_nothing(findings):
            answers.not_found[host] += 1
            first = host not in self._proved
            self._proved.add(host)
            return first
        elif any(one.state is PostState.LIVE for one in findings.statements):
            self._proved.add(host)
        return False

    def report(self) -> None:
        """Writes the notes into the crawl's outcome. Call it once, at the end."""
        for name, answers in self._answers.items():
            platform = platform_named(name)
            said = [
                f"{host} {reason} ({count:,} of {answers.asked:,} posts asked about)"
                for (host, reason), count in answers.refusals.most_common()
            ]
            said += [
                f'{host} says "not found" of {answers.not_found[host]:,} posts, and of one that is known to be live as well:'
                " none of them counts as gone"
                for host in sorted(answers.broken & set(answers.not_found))
            ]
            if said and platform is not None:
                more = f"; and {len(said) - MAX_REASONS} more" if len(said) > MAX_REASONS else ""
                self._outcome.notes[platform.title] = "; ".join(said[:MAX_REASONS]) + more
