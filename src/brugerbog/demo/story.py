"""`brugerbog demo --terminal`: from a CSV file to people who activate themselves by mail."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from brugerbog.demo.stage import examples
from brugerbog.entrypoints.cli.output import print_message
from brugerbog.entrypoints.cli.users.imports import summary

if TYPE_CHECKING:
    from brugerbog.demo.stage import Stage

_SOME_REFUSED: Final = 3
_CPR: Final = "0709611111"
"""A CPR number that fails the check digit and was never issued."""

_BORN: Final = "1980-02-03"
_LINK: Final = 'echo "$LINK" | '
_LINK_AND_CPR: Final = 'printf "%s\\n" "$LINK" "$CPR" | '
_LINK_AND_CODE: Final = 'printf "%s\\n" "$LINK" "$CODE" | '


def play(stage: Stage) -> int:
    """Play the story in the terminal; return 0 if every call had the expected result."""
    return _Demo(stage).play()


class _Demo:
    """The story, scene by scene."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._scene, self._call = stage.scene, stage.call

    def play(self) -> int:
        """Play all scenes; return 0 if every call had the expected result."""
        shipped = examples()
        with self._stage.set_up():
            self._scene(
                "The program speaks Danish, as its users do; this demo tells in English what happens."
            )
            for name, value in self._stage.settings.items():
                sys.stdout.write(f'$ export {name}="{value}"\n')
            self._file_of_people(shipped)
            aase = self._activation_by_link()
            self._activation_by_link_and_code()
            self._role(aase)
            self._one_by_the_operator()
            self._leave_and_deletion(aase)
            self._look_back(aase)
            self._prove(aase)
        if self._stage.failed:
            print_message(f"Not as expected: {'; '.join(self._stage.failed)}")
            return 1
        program = Path(sys.argv[0]).absolute()
        here = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program.name
        self._scene("That was it. Go on with the demo's store yourself:")
        sys.stdout.write(f"  {here} users list --search ø --store {self._stage.store}\n  {here} --help\n")
        return 0

    def _file_of_people(self, shipped: Path) -> None:
        file = str(shipped / "brugere.csv")
        self._scene("A municipality is registered, with its P-, SE- and EAN-numbers, rights and prices.")
        self._call("organisation", "register", "--cvr", "90000001", "--name", "Fjordkøbing Kommune",
                   "--settings", str(shipped / "organisation.toml"))  # fmt: skip
        self._scene(
            "60 people arrive in a CSV file, as a Danish Excel saves it. Some rows are wrong on purpose."
        )
        self._call("import", file, expected=_SOME_REFUSED)
        self._scene("The same file again creates nobody twice: every row is judged anew.")
        with closing(self._stage.open()) as service:
            again = service.administration.import_users(service.operator(), Path(file), dry_run=True)
        sys.stdout.write(f"$ brugerbog import {file} --dry-run\n{summary(again, dry_run=True)}\n")
        self._scene("What would come of sending all of them to activation, each with a code display?")
        self._call("users", "send-many-to-activation", "--all", "--means", "code_display", "--dry-run",
                   expected=_SOME_REFUSED)  # fmt: skip

    def _activation_by_link(self) -> str:
        self._scene("One more is created, by CPR number: she is to activate herself by a mail.")
        user_id, *_ = self._call(
            *(
                "users",
                "create",
                "--first-name",
                "Åse",
                "--surname",
                "Bæk",
                "--email",
                "aase@fjordkoebing.example",
            ),
            *("--means", "private", "--means", "app", "--right", "post", "--cpr-stdin"),
            typed=(_CPR,),
            shown='echo "$CPR" | ',
        )
        self._scene("A worker takes a turn: it records what has fallen due, and sends what waits.")
        self._call("worker", "--once")
        self._scene("She reads:")
        letter = self._stage.latest_mail_to("aase@fjordkoebing.example")
        self._stage.print_mail(letter)
        link = self._stage.link_in(letter)
        self._scene("She follows the link and proves who she is (here a stand-in for MitID takes her word) …")
        self._call("self-service", "open", typed=(link,), shown=_LINK)
        self._call("self-service", "confirm-identity", "--pretend", typed=(link, _CPR), shown=_LINK_AND_CPR)
        self._scene(
            "… lets the municipality rely on her own private MitID, and is active. The link is used up."
        )
        self._call("self-service", "activate", "private", "--consent", typed=(link,), shown=_LINK)
        return user_id

    def _activation_by_link_and_code(self) -> None:
        self._scene(
            "Of another only the birth date is known: the administrator is shown a code, once, to hand over."
        )
        _, code = self._call(
            *("users", "create", "--first-name", "Øjvind", "--surname", "Skov"),
            *("--email", "oejvind@fjordkoebing.example", "--date-of-birth", _BORN),
            *("--means", "app", "--means", "code_display"),
        )
        self._call("worker", "--once")
        link = self._stage.link_in(self._stage.latest_mail_to("oejvind@fjordkoebing.example"))
        self._scene(
            "He needs the link of his mail, his identity, and the code; two more wrong ones would void it."
        )
        self._call("self-service", "confirm-identity", "--pretend", "--date-of-birth", _BORN,
                   typed=(link,), shown=_LINK)  # fmt: skip
        self._call("self-service", "enter-code", typed=(link, "2222-3333-4444"), expected=1,
                   shown='printf "%s\\n" "$LINK" "2222-3333-4444" | ')  # fmt: skip
        self._call("self-service", "enter-code", typed=(link, code), shown=_LINK_AND_CODE)
        self._scene("He orders a code display, which the municipality pays for, and begins with the app.")
        self._call("self-service", "order-means", "code_display", typed=(link,), shown=_LINK)
        self._call("self-service", "activate", "app", typed=(link,), shown=_LINK)

    def _role(self, aase: str) -> None:
        self._scene("Åse becomes user administrator, is told so by mail, and gives somebody a P-number.")
        self._call("users", "give-role", aase, "user_administrator")
        self._call("worker", "--once")
        subject = self._stage.latest_mail_to("aase@fjordkoebing.example").splitlines()[:1]
        self._stage.print_mail("".join(subject))
        self._call("users", "place", self._find("Øjvind Skov"), "--p-number", "1003456790", "--as", aase)

    def _one_by_the_operator(self) -> None:
        self._scene("Three of the file are sent; one is activated on the operator's word, and it is told so.")
        three = [self._find(name) for name in ("André Holm", "Bodil Brøgger", "Freja Lund")]
        self._call("users", "send-many-to-activation", *three)
        self._call("users", "activate", three[0])

    def _leave_and_deletion(self, aase: str) -> None:
        from brugerbog.domain.kernel.days import COPENHAGEN  # noqa: PLC0415 - help must be quick

        with closing(self._stage.open()) as service:
            now = service.queries.now().astimezone(COPENHAGEN)
        leave = now.date() + timedelta(days=30)
        self._scene("Øjvind goes on leave: inactive to the end of the last day, active the day after.")
        self._call("users", "deactivate", self._find("Øjvind Skov"), "--to", leave.isoformat(), "--as", aase)
        with closing(self._stage.open()) as service:
            before = service.queries.now().astimezone(COPENHAGEN).isoformat(timespec="milliseconds")
        self._scene("André Holm leaves for good. The data is destroyed; the log stays whole.")
        self._call("users", "delete", self._find("André Holm"), "--yes", "--as", aase)
        self._scene("Who is active now …")
        self._call("users", "list", "--status", "active")
        self._scene("… who was before the deletion (the erased person is a row without a name) …")
        self._call("users", "list", "--status", "active", "--at", before)
        self._scene("… and who will be when the leave is over.")
        then = f"{(leave + timedelta(days=1)).isoformat()}T12:00:00+01:00"
        self._call("users", "list", "--status", "active", "--at", then)

    def _look_back(self, aase: str) -> None:
        self._scene("Reports, on screen or for a spreadsheet.")
        self._call("report", "status")
        self._call("report", "cost")
        self._scene("Everything that has happened to one user.")
        self._call("users", "history", aase)
        self._scene("The read tables are compared with tables built anew from the log.")
        self._call("audit", "replay")

    def _prove(self, aase: str) -> None:
        from brugerbog.entrypoints import verify  # noqa: PLC0415 - help must be quick

        folder = self._stage.folder
        self._scene("Who did what to Åse, before and after? That it was asked is recorded too.")
        self._call("audit", "log", "--user", aase, "--limit", "4")
        self._scene("An auditor takes away a signed checkpoint, and the log: no name is in it.")
        self._call("audit", "checkpoint", "--to", str(folder / "demo.checkpoints"))
        self._call("audit", "export", str(folder / "demo.export"))
        self._scene("At home, one file checks it, without a database and without trust in whoever runs this.")
        arguments = [str(folder / "demo.export"), "--key", str(folder / "demo.checkpoints" / "key.pub")]
        sys.stdout.write(f"$ brugerbog-verify {' '.join(arguments)}\n")
        if verify.run(arguments):
            self._stage.failed.append("brugerbog-verify")

    def _find(self, name: str) -> str:
        from brugerbog.application.queries.user_list import UserQuery  # noqa: PLC0415 - help must be quick

        with closing(self._stage.open()) as service:
            found = service.queries.users(service.operator(), UserQuery(search=name)).users
        return str(found[0].id)
