"""deploy/nginx.conf: valid, and a reader behind it is safe; tried with nginx where it is here, else by its lines."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.access.conftest import Person, configured, sign_in
from tests.browser import talk
from tests.browser.conftest import serving
from tests.deploy.conftest import DEPLOY
from tests.ui.store import make_store

NAME = "genomics.example.nhs.scot"
CONF = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

HEADERS = {
    "content-security-policy": "frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


@pytest.mark.parametrize(
    "line",
    [
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "ssl_reject_handshake on;",
        "proxy_set_header X-Forwarded-Proto https;",
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_cookie_flags ~ secure;",
        "client_max_body_size 64k;",
        "location = /health {",
        "proxy_read_timeout 1h;",
        "server 127.0.0.1:8501;",
        'hash "reader $cookie__streamlit_user";',
    ],
)
def test_a_line_that_is_needed_is_there(line):
    assert line in CONF


def test_the_health_check_is_denied_to_all_but_named_addresses():
    block = re.search(r"location = /health \{(.*?)\}", CONF, re.DOTALL)
    assert block
    rules = re.findall(r"^\s*(allow|deny) (\S+);", block[1], re.MULTILINE)
    assert rules == [("allow", "127.0.0.1"), ("allow", "::1"), ("deny", "all")]


def test_no_log_has_a_query_string_a_referrer_or_a_cookie():
    form = re.search(r"log_format genomics_without_query (.*);", CONF)
    assert form
    assert set(re.findall(r"\$(\w+)", form[1])) == {
        "remote_addr", "time_iso8601", "request_method", "uri", "status", "body_bytes_sent", "request_time",
    }  # fmt: skip
    assert all(line.endswith((" genomics_without_query;", " off;")) for line in re.findall(r"access_log .*", CONF))
    assert all(line.endswith(" crit;") for line in re.findall(r"error_log .*", CONF))


@dataclass(frozen=True)
class Proxied:
    """The app behind nginx: the address for readers, that without TLS, the folder of nginx, and the port of TLS."""

    url: str
    plain: str
    place: Path
    port: int


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(place: Path) -> None:
    """A certificate for localhost that signs itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (place / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (place / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def configuration(place: Path, app: int, tls: int, plain: int) -> Path:
    """The shipped file inside the least that nginx needs around it: names, ports and folders are the test's."""
    shipped = (
        CONF.replace(NAME, "localhost")
        .replace("/etc/ssl/genomics", str(place))
        .replace("/var/log/nginx", str(place))
        .replace("127.0.0.1:8501", f"127.0.0.1:{app}")
        .replace("listen 443", f"listen 127.0.0.1:{tls}")
        .replace("listen 80", f"listen 127.0.0.1:{plain}")
        .replace("https://$server_name$request_uri", f"https://$server_name:{tls}$request_uri")
    )
    (place / "genomics.conf").write_text(shipped)
    folders = "".join(
        f"{kind}_temp_path {place}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = place / "nginx.conf"
    whole.write_text(
        f"daemon off;\npid {place}/pid;\nerror_log {place}/error.log crit;\nevents {{}}\n"
        f"http {{\n{folders}access_log off;\ninclude {place}/genomics.conf;\n}}\n"
    )
    return whole


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for nginx with a certificate; skips where there is no nginx."""
    if NGINX is None:
        pytest.skip("nginx is not here")
    folder = tmp_path_factory.mktemp("nginx")
    certificate(folder)
    return folder


def test_nginx_can_read_every_line(place):
    whole = configuration(place, 1, free_port(), free_port())
    done = subprocess.run([str(NGINX), "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.fixture(scope="module")
def proxied(place: Path, provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """nginx with the shipped file before the app, which has sign-in and a real release."""
    folder, app, tls, plain = tmp_path_factory.mktemp("app"), free_port(), free_port(), free_port()
    make_store(folder / "data", "full", synthetic=False)
    env = configured(folder, provider) | {"STREAMLIT_SERVER_ALLOWED_HOSTS": "localhost"}
    file = folder / "secrets.toml"
    file.write_text(file.read_text().replace("http://127.0.0.1:{port}", f"https://localhost:{tls}"))
    command = [str(NGINX), "-c", str(configuration(place, app, tls, plain))]
    with serving(folder / "data", folder / "log", env=env, port=app), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(place / "fullchain.pem"))
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            _wait_for(tls)
            yield Proxied(f"https://localhost:{tls}", f"http://localhost:{plain}", place, tls)
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, "nginx did not start"
            time.sleep(0.1)
        else:
            return


@pytest.mark.slow
def test_every_answer_carries_each_header_once(proxied):
    reader = sign_in(proxied.url, "viewer")
    answers = [
        Person(proxied.url).get("/"),
        reader.get("/_stcore/health"),
        reader.get("/media/" + "0" * 32 + ".csv"),
        reader.get("/no/such/page"),
    ]
    for answer in answers:
        for name, said in HEADERS.items():
            values = answer.headers.get_list(name)
            assert len(values) == 1, (answer.url, name, values)
            assert said in values[0]
        assert "nginx/" not in answer.headers.get("server", "")


@pytest.mark.slow
def test_every_cookie_is_for_https_only_and_says_so_once(proxied):
    reader = sign_in(proxied.url, "viewer")
    cookies = reader.set_by + Person(proxied.url).get("/_stcore/health").headers.get_list("set-cookie")
    assert any(cookie.startswith("_streamlit_user=") for cookie in cookies)
    assert {cookie.lower().count("secure") for cookie in cookies} == {1}


@pytest.mark.slow
def test_a_signed_in_reader_gets_pages_over_the_websocket_and_nobody_else_does(proxied):
    reader = sign_in(proxied.url, "viewer")
    got = talk.run(talk.ask(proxied.url, "turnaround", cookies=reader.cookies))
    assert not got.exceptions
    assert "plotly_chart" in got.elements
    assert "plotly_chart" not in talk.run(talk.ask(proxied.url, "turnaround")).elements


@pytest.mark.slow
def test_the_log_has_the_sign_in_without_its_code_and_a_page_without_its_filters(proxied):
    sign_in(proxied.url, "viewer").get("/turnaround?board=S08000029")
    httpx.get(f"{proxied.plain}/turnaround?board=S08000030")
    logged = (proxied.place / "genomics-access.log").read_text()
    assert '"/oauth2callback" 302' in logged
    assert '"/turnaround"' in logged
    for secret in ("code=", "state=", "S08000029", "S08000030", "?"):
        assert secret not in logged


@pytest.mark.slow
def test_without_tls_a_browser_is_sent_to_the_same_page_with_it(proxied):
    sent = httpx.get(f"{proxied.plain}/turnaround?board=S08000029")
    assert (sent.status_code, sent.headers["location"]) == (308, f"{proxied.url}/turnaround?board=S08000029")


@pytest.mark.slow
def test_another_name_is_not_answered(proxied):
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"https://127.0.0.1:{proxied.port}/", verify=False)
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{proxied.plain}/", headers={"Host": "other.example"})


@pytest.mark.slow
def test_nobody_can_say_that_the_connection_is_another_than_it_is(proxied):
    told = httpx.get(f"{proxied.url}/_stcore/health", headers={"X-Forwarded-Proto": "http", "Forwarded": "proto=http"})
    assert "strict-transport-security" in told.headers
    assert all("secure" in cookie.lower() for cookie in told.headers.get_list("set-cookie"))


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/health", "/%68ealth", "/x/../health"])
def test_the_health_check_answers_named_addresses_and_nobody_else(proxied, path):
    trusted = ssl.create_default_context(cafile=proxied.place / "fullchain.pem")
    for own, status in (("127.0.0.1", 200), ("127.0.0.2", 403)):
        with httpx.Client(transport=httpx.HTTPTransport(verify=trusted, local_address=own)) as client:
            told = client.get(httpx.URL(f"{proxied.url}/", raw_path=path.encode()))
        assert told.status_code == status
        assert ("age_seconds" in told.text) == (status == 200)


@pytest.mark.slow
def test_a_large_body_is_refused_before_the_app_sees_it(proxied):
    assert httpx.post(f"{proxied.url}/oauth2callback", content=b"x" * 70_000).status_code == 413


@pytest.mark.slow
def test_while_the_app_is_away_a_plain_page_with_all_headers_says_so(place, tmp_path):
    tls = free_port()
    certificate(tmp_path)
    process = subprocess.Popen(
        [str(NGINX), "-c", str(configuration(tmp_path, free_port(), tls, free_port()))], stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(tls)
        away = httpx.get(
            f"https://localhost:{tls}/turnaround", verify=ssl.create_default_context(cafile=tmp_path / "fullchain.pem")
        )
    finally:
        process.terminate()
        process.wait(20)
    assert away.status_code == 503
    assert "Back soon" in away.text
    assert {name for name in HEADERS if len(away.headers.get_list(name)) == 1} == set(HEADERS)
