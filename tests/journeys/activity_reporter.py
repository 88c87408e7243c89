"""What a process of its own does that reports activities; apart from the tests, so that it starts quickly."""

import sys
from pathlib import Path
from random import Random
from uuid import UUID

from tests.application.activity_reports import activity_report, record_reports
from tests.org_driver import open_org


def report_all(url: str, folder: Path, seed: int, people: list[UUID], count: int) -> None:
    """Report the same activities as the other processes, in an order and in batches of this process."""
    rng = Random(seed)
    reports = [activity_report(people[number % len(people)], str(number)) for number in range(count)]
    rng.shuffle(reports)
    with open_org(url, folder) as org:
        while reports:
            size = rng.randrange(1, 40)
            record_reports(org, *reports[:size])
            reports = reports[size:]


if __name__ == "__main__":
    url, folder, seed, count, *people = sys.argv[1:]
    report_all(url, Path(folder), int(seed), [UUID(one) for one in people], int(count))
