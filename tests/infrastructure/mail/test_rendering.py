"""Each kind of mail renders its facts in Danish, in plain text and HTML, and allows no injection."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from brugerbog.application.mail.rendering import RenderedMail
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.mail.rendering import DanishMailRenderer, danish_list
from tests.infrastructure.mail.sample_mails import BASE, TOKEN, facts, letter, message

every_kind = pytest.mark.parametrize("kind", list(MailKind))
LINKS = {
    MailKind.ACTIVATION: f"{BASE}/aktivering/{TOKEN}",
    MailKind.ACTIVATION_RESENT: f"{BASE}/aktivering/{TOKEN}",
    MailKind.MEANS_ASSIGNED: f"{BASE}/identifikationsmidler/{TOKEN}",
}
EVIL = '<b>Bo</b> & "Ås"'


class Seen(HTMLParser):
    """What a reader sees of a page, and the tags it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.said: list[str] = []
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden = tag == "title"
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def plain(text: str) -> str:
    """Without line breaks and signs of a list."""
    return " ".join(re.sub(r"^- ", "", text, flags=re.MULTILINE).split())


@every_kind
def test_plain_text_and_html_have_the_same_text(kind: MailKind) -> None:
    written = letter(kind)

    seen = re.sub(r" ([.,])", r"\1", Seen(written.html).text)
    for paragraph in written.text.split("\n\n"):
        assert plain(paragraph) in seen


@every_kind
def test_each_fact_is_rendered(kind: MailKind) -> None:
    told = facts(kind)
    wanted = [told.to_name, told.organisation, told.administrator, told.role, told.person, told.reason]
    wanted += [*told.means, *told.hardware, LINKS.get(kind)]

    written = letter(kind)

    for fact in filter(None, wanted):
        assert fact in written.text
        assert fact in Seen(written.html).text


@every_kind
def test_optional_facts_may_be_missing(kind: MailKind) -> None:
    link = None if kind is MailKind.MEANS_ASSIGNED else facts(kind).link

    written = letter(kind, administrator=None, link=link, needs_code=False, hardware=(), person="")

    assert "None" not in written.text + written.html
    assert "\n\n\n" not in written.text


@every_kind
def test_facts_are_escaped_in_html(kind: MailKind) -> None:
    typed = {"to_name": EVIL, "organisation": EVIL, "role": EVIL, "person": EVIL, "reason": EVIL}
    written = letter(kind, **typed, administrator=EVIL, means=(EVIL,), hardware=(EVIL,))

    assert Seen(written.html).tags == Seen(letter(kind, means=("x",), person="y").html).tags
    assert EVIL in written.text
    assert EVIL in Seen(written.html).text


@every_kind
def test_a_name_can_not_start_a_paragraph(kind: MailKind) -> None:
    typed = "Bo\r\n\r\nFølg linket:\u2028https://evil.example"
    written = letter(kind, to_name=typed, organisation=typed, administrator=typed, person=typed, reason=typed)

    assert not re.search(r"^(Følg linket:|https://evil)", written.text, flags=re.MULTILINE)


@pytest.mark.parametrize("kind", LINKS)
def test_the_link_is_in_plain_text_once_and_visible_in_html(kind: MailKind) -> None:
    written = letter(kind)

    assert written.text.count(TOKEN) == 1
    assert f"\n{LINKS[kind]}\n" in written.text
    assert Seen(written.html).attributes["href"] == [LINKS[kind]]
    assert LINKS[kind] in Seen(written.html).text


@every_kind
def test_html_is_danish_and_loads_no_resources(kind: MailKind) -> None:
    seen = Seen(letter(kind).html)

    assert set(seen.tags) <= {
        "html", "head", "meta", "title", "body", "div", "h1", "p", "br", "a", "span", "strong", "ul", "li",
    }  # fmt: skip
    assert set(seen.attributes["lang"]) == {"da"}
    assert "src" not in seen.attributes
    assert "url(" not in letter(kind).html


@every_kind
def test_no_mail_asks_for_a_cpr_number(kind: MailKind) -> None:
    sentences = [one for one in re.split(r"(?<=[.:])\s", letter(kind).text) if "CPR" in one]

    assert sentences == ["Vi beder dig aldrig om at oplyse dit CPR-nummer i en mail."]


@every_kind
def test_a_subject_has_no_name(kind: MailKind) -> None:
    told = facts(kind)

    subject = letter(kind).subject

    assert "MitID Erhverv" in subject
    for name in filter(None, (told.to_name, told.organisation, told.administrator, told.person)):
        assert name not in subject


# Activation


@pytest.mark.parametrize("kind", [MailKind.ACTIVATION, MailKind.ACTIVATION_RESENT])
def test_an_activation_mail_has_instructions_and_expiry(kind: MailKind) -> None:
    text = letter(kind).text

    assert "Linket virker én gang og er gyldigt til og med den 22. december 2026 kl. 14.05." in text
    assert "bruge dit private MitID én gang for at bekræfte din identitet" in text


def test_only_a_resent_mail_mentions_the_invalid_earlier_link() -> None:
    gone = "Det link, du tidligere har modtaget, virker ikke længere."

    assert gone in letter(MailKind.ACTIVATION_RESENT).text
    assert gone not in letter(MailKind.ACTIVATION).text


def test_the_temporary_code_is_mentioned_only_where_needed() -> None:
    assert "midlertidig aktiveringskode" in letter(needs_code=True).text
    assert "kode" not in letter(needs_code=False, hardware=()).text


def test_a_mail_about_an_ordered_device_asks_to_wait_for_it() -> None:
    assert "Vent med at aktivere dig, til du har modtaget dem." in letter().text
    assert "til du har modtaget den." in letter(hardware=("chip",)).text
    assert "Vent" not in letter(hardware=()).text


@pytest.mark.parametrize(("names", "said"), [("a", "a"), ("ab", "a og b"), ("abc", "a, b og c")])
def test_names_are_joined_in_danish(names: str, said: str) -> None:
    assert danish_list(list(names)) == said


def test_an_activation_mail_without_link_fails_to_render() -> None:
    with pytest.raises(UndefinedError):
        letter(link=None)


# The letter


def written_at(hour: int, generation: int = 1) -> RenderedMail:
    at = datetime(2026, 11, 22, hour, tzinfo=UTC)
    return DanishMailRenderer(BASE, "example.org").render(
        message(generation=generation), facts(), Secret(TOKEN), at
    )


def test_the_message_id_does_not_depend_on_the_time_of_sending() -> None:
    assert written_at(8).message_id == written_at(9).message_id == f"{message().id}@example.org"


def test_another_mail_has_another_message_id() -> None:
    assert written_at(8).message_id != written_at(8, generation=2).message_id


def test_a_rendered_mail_has_no_repr() -> None:
    assert TOKEN not in repr(letter()) + repr(facts())
    assert "ida@" not in repr(letter()) + repr(facts())
