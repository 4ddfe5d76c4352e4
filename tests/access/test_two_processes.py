"""Two processes of the app on one data folder, as for more readers: what holds in one holds in the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from itsdangerous import URLSafeTimedSerializer

from pipelines import audit_trail
from tests.access.conftest import SECRET, Person, Site, configured, sign_in, signed_site
from tests.access.test_signed_in import holds_nothing, trail, words_of_store
from tests.browser import talk
from tests.browser.conftest import serving
from ui.access import reader_key
from ui.sessions import REVOKED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def both(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """Two servers with sign-in on one data folder. The browser knows the address of the first alone, as with nginx."""
    place = tmp_path_factory.mktemp("both")
    with signed_site(place, provider) as first:
        secrets = place / "secrets.toml"
        secrets.write_text(secrets.read_text().replace("{port}", first.url.rpartition(":")[2]))
        settings = configured(place / "unused", provider) | {"STREAMLIT_SECRETS_FILES": str(secrets)}
        with serving(first.data, place / "second", env=settings) as url:
            yield first, replace(first, url=url)


def ask(person: Person, site: Site, page: str = "turnaround") -> talk.Answer:
    """What a page sends to somebody who signed in at the first."""
    return talk.run(talk.ask(site.url, page, cookies=person.cookies, origin=person.url))


def test_a_sign_in_at_one_process_is_one_at_the_other_and_ends_in_both(both):
    first, second = both
    person = sign_in(first.url, "viewer")
    known = words_of_store(first.data)

    async def tab_at_the_other() -> tuple[talk.Answer, talk.Answer]:
        async with talk.connect(second.url, person.cookies, first.url) as tab:
            await tab.send(talk.rerun(second.url, "turnaround"))
            before = await talk.answer(tab)
            assert person.get("/auth/logout").status_code == 302
            await tab.send(talk.rerun(second.url, "turnaround"))
            return before, await talk.answer(tab)

    before, after = talk.run(tab_at_the_other())
    assert before.charts == 6
    assert "Your sign-in has ended" in after.text
    assert holds_nothing(after, known)
    assert holds_nothing(ask(person, second), known)


def test_access_that_is_withdrawn_is_withdrawn_at_both(both):
    first, second = both
    person = sign_in(first.url, "planner")
    assert ask(person, second).charts == 6
    claims = json.loads(URLSafeTimedSerializer(SECRET, salt="_streamlit_user").loads(person.cookies["_streamlit_user"]))
    revoked = first.data / "audit" / REVOKED
    revoked.write_text(f"{reader_key(claims)}\n")
    try:
        for site in both:
            assert "Your access has been withdrawn" in ask(person, site).text
    finally:
        revoked.unlink()


def test_a_file_is_given_by_the_process_that_offered_it_and_by_no_other(both):
    first, second = both
    person = sign_in(first.url, "viewer")

    async def take() -> tuple[int, int]:
        async with talk.connect(first.url, person.cookies) as tab:
            _, page = await talk.opened(tab, first.url, "turnaround")
            await tab.send(talk.fetch(page.session, page.files[0]))
            address = await talk.made(tab) or ""
            return Person(second.url, person.cookies).get(address).status_code, person.get(address).status_code

    assert talk.run(take()) == (403, 200)


def test_views_at_both_at_once_leave_one_whole_trail(both):
    first, _ = both
    people = [(sign_in(first.url, "viewer"), site) for site in both for _ in range(3)]
    before = len([line for line in trail(first) if line["what"] == "view"])

    def look(person: Person, site: Site) -> int:
        for page in ("turnaround", "signals", "glossary"):
            assert not ask(person, site, page).exceptions
        return 3

    with ThreadPoolExecutor(len(people)) as pool:
        seen = sum(pool.map(lambda pair: look(*pair), people))
    lines = trail(first)
    assert len([line for line in lines if line["what"] == "view"]) == before + seen
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert not audit_trail.verify(first.data / "audit").problem
