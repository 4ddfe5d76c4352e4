"""Sign-in against a real service: who gets what, and that nothing is left when a sign-in is over."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path

import duckdb
import httpx
import pytest
import streamlit
from itsdangerous import URLSafeTimedSerializer

from tests.access.conftest import SECRET, Person, Site, configured, providing, sign_in, signed_site
from tests.browser import talk
from tests.browser.conftest import serving
from tests.ui.store import make_store
from ui.access import reader_key
from ui.data import STORE
from ui.sessions import REVOKED

pytestmark = pytest.mark.slow

PAGES = sorted(path.stem for path in (Path(__file__).parents[2] / "pages").glob("*.py") if path.stem != "__init__")
OWN = {
    "my_board": "fife",
    "my_returns": "steward",
    "administration": "administrator",
    "assumptions": "planner",
    "scenarios": "planner",
}

#: All that a screen of the guard is made of.
OF_A_SCREEN = {"markdown", "heading", "html", "button", "text", "alert", "code", "skeleton", "empty"}

#: Pages that a cold server, started for each, is asked for first; a warm one is asked for all of them.
COLD = (*PAGES[::6], *OWN)

FIGURES = re.compile(r"\d[\d,.]*%|plotly|arrow|[0-9]{1,3},[0-9]{3}")


def ask(person: Person | None, url: str, page: str) -> talk.Answer:
    """What a page sends to somebody."""
    return talk.run(talk.ask(url, page, cookies=person.cookies if person else None))


def words_of_store(data: Path) -> set[str]:
    """Labels, measures and values that stand in the release and nowhere else."""
    release = (data / "releases" / "current").read_text().strip()
    with duckdb.connect(str(data / "releases" / release / STORE), read_only=True) as store:
        labels = {label for (label,) in store.execute("SELECT label FROM dimension_values").fetchall()}
        measures = {name for (name,) in store.execute("SELECT id FROM indicators").fetchall()}
    return {word for word in labels | measures if len(word) > 5}


def holds_nothing(got: talk.Answer, known: set[str]) -> bool:
    """Whether the frames hold no element of data and no word of the release."""
    assert set(got.elements) <= OF_A_SCREEN, got.elements
    assert not [word for word in known if word in got.text]
    assert not FIGURES.search(got.text)
    assert not got.exceptions
    return True


def trail(site: Site) -> list[dict[str, object]]:
    """What the audit trail holds."""
    lines = [line for file in sorted((site.data / "audit").glob("*.jsonl")) for line in file.read_text().splitlines()]
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def known(site: Site) -> set[str]:
    """Words that stand in the release of the site."""
    return words_of_store(site.data)


@pytest.mark.parametrize("page", sorted({*COLD}))
def test_a_cold_server_sends_nothing_to_whoever_deep_links_signed_out(site, known, provider, tmp_path, page):
    with serving(site.data, tmp_path / "log", "server.py", configured(tmp_path, provider)) as url:
        got = ask(None, url, page)
    assert "Sign in to see the figures" in got.text
    assert holds_nothing(got, known)


def test_nor_does_any_page_where_the_app_is_served_without_its_server(site, known, provider, tmp_path):
    with serving(site.data, tmp_path / "log", "app.py", configured(tmp_path, provider)) as url:
        for page in PAGES:
            got = ask(None, url, page)
            assert "Sign in to see the figures" in got.text
            assert holds_nothing(got, known)


def test_the_check_for_nothing_finds_the_figures_of_a_page(site, known):
    got = ask(sign_in(site.url, "viewer"), site.url, "turnaround")
    with pytest.raises(AssertionError):
        holds_nothing(got, known)
    got.elements.clear()
    with pytest.raises(AssertionError):
        holds_nothing(got, known)
    with pytest.raises(AssertionError):
        holds_nothing(got, set())


@pytest.mark.parametrize("page", [page for page in PAGES if page not in OWN])
def test_a_viewer_sees_the_pages_for_everybody(site, page):
    got = ask(sign_in(site.url, "viewer"), site.url, page)
    assert not got.exceptions
    assert "Sign in to see the figures" not in got.text
    assert "You cannot open this page" not in got.text


@pytest.mark.parametrize("page", OWN)
@pytest.mark.parametrize("who", ["viewer", "fife", "steward", "administrator", "planner"])
def test_a_page_of_a_role_opens_for_that_role_only(site, known, page, who):
    got = ask(sign_in(site.url, who), site.url, page)
    assert ("You cannot open this page" in got.text) == (OWN[page] != who)
    if OWN[page] != who:
        assert "This needs the role" in got.text
        assert set(got.elements) <= OF_A_SCREEN | {"page_link"}


@pytest.mark.parametrize("who", ["stranger", "nothing", "empty", "numbers", "mapping", "nowhere", "boardless"])
def test_claims_that_give_no_role_get_a_screen_and_no_figure(site, known, who):
    got = ask(sign_in(site.url, who), site.url, "turnaround")
    assert "You have no access to this dashboard" in got.text
    assert holds_nothing(got, known)
    assert "Sign out" in got.text


def test_signing_out_ends_every_copy_of_the_cookie(site, known):
    person = sign_in(site.url, "viewer")
    thief = person.copy()
    assert ask(thief, site.url, "turnaround").charts == 6
    assert person.get("/auth/logout").status_code == 302
    got = ask(thief, site.url, "turnaround")
    assert "Your sign-in has ended" in got.text
    assert holds_nothing(got, known)


def test_signing_in_anew_ends_the_sign_in_before(site, known):
    first = sign_in(site.url, "viewer")
    copied = first.copy()
    second = sign_in(site.url, "viewer", first)
    assert ask(second, site.url, "turnaround").charts == 6
    assert holds_nothing(ask(copied, site.url, "turnaround"), known)


def download(person: Person, page: str = "turnaround") -> str:
    """The address of a file that somebody had made on a page."""

    async def click() -> str | None:
        async with talk.connect(person.url, person.cookies) as socket:
            _, got = await talk.opened(socket, person.url, page)
            await socket.send(talk.fetch(got.session, got.files[0]))
            address = await talk.made(socket)
            assert person.get(address or "").status_code == 200
            return address

    address = talk.run(click())
    assert address
    return address


def test_a_file_is_given_to_whom_it_was_offered_and_to_nobody_else(site):
    viewer, other, manager = (sign_in(site.url, who) for who in ("viewer", "viewer", "fife"))

    async def hold() -> tuple[int, ...]:
        async with talk.connect(site.url, viewer.cookies) as socket:
            _, got = await talk.opened(socket, site.url, "turnaround")
            await socket.send(talk.fetch(got.session, got.files[0]))
            address = await talk.made(socket) or ""
            mine = viewer.get(address)
            assert mine.headers["cache-control"] == "no-store"
            assert b"figure_id" in mine.content
            spoiled = viewer.copy()
            spoiled.cookies["_streamlit_user"] += "x"
            bare = address.partition(".")[0]
            found = [
                who.get(path).status_code
                for who in (Person(site.url), other, manager, spoiled)
                for path in (address, bare, address.replace("media", "%6dedia"))
            ]
            found += [viewer.get(address.replace(address[7:9], "zz")).status_code]
            viewer.get("/auth/logout")
            found += [viewer.get(address).status_code]
            return (mine.status_code, *found)

    assert talk.run(hold()) == (200, *[403] * 14)


def test_a_tab_left_open_gets_nothing_after_sign_out_in_another(site, known):
    person = sign_in(site.url, "viewer")

    async def two_tabs() -> tuple[talk.Answer, str | None, talk.Answer]:
        async with talk.connect(site.url, person.cookies) as tab:
            first, opened = await talk.opened(tab, site.url, "turnaround")
            person.get("/auth/logout")
            await tab.send(talk.fetch(opened.session, opened.files[0]))
            file = await talk.made(tab, within=2)
            await tab.send(talk.rerun(site.url, "turnaround"))
            return first, file, await talk.answer(tab)

    first, file, then = talk.run(two_tabs())
    assert first.charts == 6
    assert file is None
    assert "Your sign-in has ended" in then.text
    assert holds_nothing(then, known)


def test_a_button_of_somebody_else_makes_no_file(site):
    viewer, other = sign_in(site.url, "viewer"), sign_in(site.url, "fife")

    async def take() -> str | None:
        async with talk.connect(site.url, viewer.cookies) as mine, talk.connect(site.url, other.cookies) as theirs:
            _, got = await talk.opened(mine, site.url, "turnaround")
            await theirs.send(talk.rerun(site.url, "definitions"))
            await talk.answer(theirs)
            await theirs.send(talk.fetch(got.session, got.files[0]))
            return await talk.made(theirs, within=2)

    assert talk.run(take()) is None


def tampered(person: Person) -> list[Person]:
    """Cookies that were changed in ways that an attacker would try."""
    value = person.cookies["_streamlit_user"]
    payload, stamp, signature = value.rsplit(".", 2)
    claims = json.loads(URLSafeTimedSerializer(SECRET, salt="_streamlit_user").loads(value))
    forged = json.dumps({**claims, "roles": ["genomics-administrator"]})
    values = [
        value[:-1] + ("A" if value[-1] != "A" else "B"),
        payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB") + f".{stamp}.{signature}",
        URLSafeTimedSerializer("another secret" * 4, salt="_streamlit_user").dumps(forged),
        URLSafeTimedSerializer(SECRET, salt="_streamlit_user_tokens").dumps(forged),
        payload,
        "",
        "chunks-1000000",
        "{}",
    ]
    return [Person(person.url, {**person.cookies, "_streamlit_user": one}) for one in values]


def test_a_changed_cookie_is_worth_nothing(site, known):
    person = sign_in(site.url, "viewer")
    for spoiled in tampered(person):
        assert holds_nothing(ask(spoiled, site.url, "turnaround"), known)


def test_a_cookie_signed_with_our_own_secret_is_worth_nothing_without_a_sign_in_here(site, known):
    person = sign_in(site.url, "viewer")
    signer = URLSafeTimedSerializer(SECRET, salt="_streamlit_user")
    claims = json.loads(signer.loads(person.cookies["_streamlit_user"]))
    claims["roles"] = ["genomics-administrator"]
    forged = Person(site.url, {**person.cookies, "_streamlit_user": signer.dumps(json.dumps(claims))})
    got = ask(forged, site.url, "administration")
    assert "Your sign-in has ended" in got.text
    assert holds_nothing(got, known)


def test_a_cookie_without_the_pages_own_token_is_nobodys(site, known):
    person = sign_in(site.url, "viewer")
    bare = Person(site.url, {name: value for name, value in person.cookies.items() if "xsrf" not in name})
    assert holds_nothing(ask(bare, site.url, "turnaround"), known)


def test_withdrawn_access_is_in_force_at_the_next_click(site, known):
    person = sign_in(site.url, "viewer")
    claims = json.loads(URLSafeTimedSerializer(SECRET, salt="_streamlit_user").loads(person.cookies["_streamlit_user"]))

    async def withdrawn() -> tuple[int, talk.Answer]:
        async with talk.connect(site.url, person.cookies) as tab:
            await tab.send(talk.rerun(site.url, "turnaround"))
            charts = (await talk.answer(tab)).charts
            (site.data / "audit" / REVOKED).write_text(f"{reader_key(claims)}\n")
            await tab.send(talk.rerun(site.url, "turnaround"))
            return charts, await talk.answer(tab)

    try:
        charts, got = talk.run(withdrawn())
        again = ask(sign_in(site.url, "viewer"), site.url, "turnaround")
    finally:
        (site.data / "audit" / REVOKED).unlink()
    assert charts == 6
    for answer in (got, again):
        assert "Your access has been withdrawn" in answer.text
        assert holds_nothing(answer, known)


def test_a_role_taken_away_in_the_file_is_gone_at_the_next_click(site):
    person = sign_in(site.url, "administrator")
    text = site.rules.read_text()

    async def changed() -> tuple[talk.Answer, talk.Answer]:
        async with talk.connect(site.url, person.cookies) as tab:
            await tab.send(talk.rerun(site.url, "administration"))
            before = await talk.answer(tab)
            site.rules.write_text(text.replace("administrator: administrator", "administrator: viewer"))
            await tab.send(talk.rerun(site.url, "administration"))
            return before, await talk.answer(tab)

    try:
        before, after = talk.run(changed())
    finally:
        site.rules.write_text(text)
    assert "You cannot open this page" not in before.text
    assert "You cannot open this page" in after.text


def test_a_broken_file_of_rules_lets_nobody_in_and_says_nothing_of_itself(site, known):
    person = sign_in(site.url, "viewer")
    text = site.rules.read_text()
    site.rules.write_text(text.replace("claims:", "clams:"))
    try:
        got = ask(person, site.url, "turnaround")
    finally:
        site.rules.write_text(text)
    assert "Sign-in is not set up correctly" in got.text
    assert "clams" not in got.text
    assert holds_nothing(got, known)
    assert "clams" in site.log.read_text(errors="replace")


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/upload_file/a/b",
        "/_stcore/bidi-components/a/b.js",
        "/_stcore/agent/openapi.json",
        "/_stcore/script-health-check",
        "/component/a/index.html",
        "/app/static/a",
        "/media/" + "0" * 32 + ".csv",
        "/media/../media/x.csv",
        "/media/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"])
def test_routes_that_could_hold_data_are_closed_to_strangers(site, path, method):
    address = httpx.URL(site.url).copy_with(raw_path=path.encode())
    assert httpx.request(method, address, timeout=20).status_code in (403, 404)
    if ".." not in path:
        assert httpx.request(method, address, timeout=20).status_code == 403


def test_the_apps_own_fonts_are_no_files_of_a_reader(site):
    fonts = Path(streamlit.__file__).parent / "static" / "static" / "media"
    name = next(fonts.glob("*.woff2")).name
    assert Person(site.url).get(f"/static/media/{name}").status_code == 200


@pytest.mark.parametrize("path", ["/", "/turnaround", "/_stcore/health", "/_stcore/host-config", "/auth/logout"])
def test_what_is_open_to_strangers_holds_no_word_of_the_release(site, known, path):
    text = Person(site.url).get(path).text
    assert not [word for word in known if word in text]
    assert str(site.data) not in text


def test_views_and_refusals_are_recorded_without_a_name_or_a_token(site):
    person = sign_in(site.url, "viewer")
    ask(person, site.url, "turnaround")
    ask(person, site.url, "administration")
    person.get("/media/" + "0" * 32 + ".csv")
    person.get("/auth/logout")
    ask(person, site.url, "definitions")
    told = [(line["what"], line["where"], (line["detail"] or {}).get("reason")) for line in trail(site)][-6:]
    assert told == [
        ("sign_in", "sign_in", None),
        ("view", "turnaround", None),
        ("refused", "administration", "wrong_role"),
        ("refused", "media", "not_offered"),
        ("sign_out", "sign_out", None),
        ("refused", "definitions", "ended"),
    ]
    assert len({line["reader"] for line in trail(site)[-6:]}) == 1
    held = b"".join(file.read_bytes() for file in (site.data / "audit").iterdir()) + site.log.read_bytes()
    for secret in (b"Vera", b"genomics-viewer", person.cookies["_streamlit_user"].encode(), b"eyJ"):
        assert secret not in held


def test_cookies_and_addresses_are_for_https_only_where_the_proxy_says_so(site, provider, tmp_path):
    plain = httpx.get(f"{site.url}/_stcore/health")
    told = httpx.get(f"{site.url}/_stcore/health", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in plain.headers
    assert "secure" not in plain.headers["set-cookie"].lower()
    assert told.headers["strict-transport-security"] == "max-age=31536000"
    assert "; secure" in told.headers["set-cookie"].lower()
    with signed_site(tmp_path, provider, FORWARDED_ALLOW_IPS="192.0.2.1") as strict:
        said_by_anybody = httpx.get(f"{strict.url}/_stcore/health", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in said_by_anybody.headers
    assert "secure" not in said_by_anybody.headers["set-cookie"].lower()


def test_the_cookie_of_a_sign_in_lives_no_longer_than_a_sign_in_can(site):
    held = sign_in(site.url, "viewer").set_by
    mine = [cookie for cookie in held if cookie.startswith("_streamlit_user=")]
    assert "Max-Age=28800" in mine[0]
    assert "HttpOnly" in mine[0]
    assert "samesite=lax" in mine[0].lower()


def test_a_restart_keeps_a_living_sign_in_and_revives_none_that_was_ended(provider, tmp_path):
    with signed_site(tmp_path, provider) as first:
        living, ended = sign_in(first.url, "viewer"), sign_in(first.url, "viewer")
        ended.get("/auth/logout")
        number = first.url.rpartition(":")[2]
    with signed_site(tmp_path, provider, port=int(number)) as again:
        assert again.url == first.url
        assert ask(living, again.url, "turnaround").charts == 6
        assert holds_nothing(ask(ended, again.url, "turnaround"), words_of_store(again.data))


@pytest.mark.parametrize(
    ("limits", "lifetime", "says"),
    [
        ({"idle_minutes": 0.1}, 3600, "nothing was clicked for a while"),
        ({"absolute_hours": 0.002}, 3600, "lasts for a working day at most"),
        ({}, 10, "Your sign-in has come to its end"),
    ],
)
def test_a_sign_in_that_has_run_out_gets_nothing(tmp_path, limits, lifetime, says):
    with providing(lifetime) as issuer, signed_site(tmp_path, issuer, **limits) as site:
        known = words_of_store(site.data)
        person = sign_in(site.url, "viewer")

        async def wait() -> tuple[talk.Answer, int, str | None, talk.Answer]:
            async with talk.connect(site.url, person.cookies) as tab:
                first, opened = await talk.opened(tab, site.url, "turnaround")
                await tab.send(talk.fetch(opened.session, opened.files[0]))
                address = await talk.made(tab)
                await asyncio.sleep(12)
                status = person.get(address or "").status_code
                await tab.send(talk.fetch(opened.session, opened.files[0]))
                file = await talk.made(tab, within=1)
                await tab.send(talk.rerun(site.url, "turnaround"))
                return first, status, file, await talk.answer(tab)

        first, status, file, then = talk.run(wait())
        assert first.charts == 6
        assert (status, file) == (403, None)
        assert says in then.text
        assert holds_nothing(then, known)
        assert holds_nothing(ask(person, site.url, "turnaround"), known)


def test_a_synthetic_release_too_needs_signing_in_where_it_is_configured(provider, tmp_path):
    make_store(tmp_path / "data", "full")
    with signed_site(tmp_path, provider) as site:
        got = ask(None, site.url, "home")
        assert "Sign in to see the figures" in got.text
        assert "Look as" not in got.text
        assert holds_nothing(got, words_of_store(site.data))
        seen = ask(sign_in(site.url, "viewer"), site.url, "home")
        assert "Synthetic figures" in seen.text
        assert "Look as" not in seen.text


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("secrets.toml", ("cookie_secret", "cookie_sekret"), "cookie_secret"),
        ("secrets.toml", (SECRET, "short"), "cookie_secret needs 32 characters"),
        ("secrets.toml", ("[auth]", "[auth"), "cannot be read as TOML"),
        ("secrets.toml", ("client_id", "klient_id"), "client_id"),
        ("access.yml", ("issuers: {", "issuers: {} #"), "names no issuer"),
        ("access.yml", ("  roles: roles", "  rolls: roles"), "claims.rolls"),
    ],
)
def test_a_server_that_is_set_up_wrongly_does_not_start_and_says_what_to_mend(provider, tmp_path, file, change, says):
    make_store(tmp_path / "data", "empty")
    env = configured(tmp_path, provider)
    wrong = tmp_path / file
    assert change[0] in wrong.read_text()
    wrong.write_text(wrong.read_text().replace(*change))
    with pytest.raises(RuntimeError, match="did not start"), serving(tmp_path / "data", tmp_path / "log", env=env):
        time.sleep(0)
    assert says in (tmp_path / "log").read_text(errors="replace")
