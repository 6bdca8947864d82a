"""What every request and response passes. Order matters and is in settings.MIDDLEWARE."""

import ipaddress
import logging
import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.utils import translation

from accounts.passwords import hasher
from infra import security_log, turns
from infra.limits import LimitReached, client_ip_key
from tamin_portal import errors

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[0-9A-Fa-f:.]+)\](:[0-9]{1,5})?", re.ASCII)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=(), otp-credentials=(self)"
    ),
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store, max-age=0",  # every page may hold personal data; static files bring their own
}


def response_headers(get_response: GetResponse) -> GetResponse:
    """Adds the headers that SecurityMiddleware does not know, to errors and static files as well."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def client_address(get_response: GetResponse) -> GetResponse:
    """REMOTE_ADDR becomes the citizen's address: the right-most hop of X-Forwarded-For that is no proxy of ours.

    A hop that is no address (a proxy of ours is set up wrongly) stands for nobody: then the peer itself counts, never
    what is left of that hop, which the citizen may have written. Of a peer that is no proxy of ours nothing that it
    says about itself counts, X-Forwarded-Proto neither. Without any address: 0.0.0.0, for a Unix socket alone.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        address = request.META.get("REMOTE_ADDR", "")
        peer = _parsed(address)
        # Without an address it came over a Unix socket, which only our own proxy can reach.
        if _is_proxy(peer) or (not address and settings.TRUSTED_PROXIES):
            peer = _told(request.META.get("HTTP_X_FORWARDED_FOR", "")) or peer
        else:
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        request.META["REMOTE_ADDR"] = str(peer or "0.0.0.0")  # noqa: S104  not a bind address
        return get_response(request)

    return middleware


def name_request(get_response: GetResponse) -> GetResponse:
    """Gives every request an id, which its lines in the logs carry and its response tells (X-Request-ID): those of the
    web server and the proxy write it, too. What a client calls its request does not count."""

    def middleware(request: HttpRequest) -> HttpResponse:
        area = "desk" if request.path.startswith(f"/{settings.ADMIN_PATH}") else "portal"
        with security_log.visit(client_ip_key(request.META["REMOTE_ADDR"]), area) as request_id:
            response = get_response(request)
            response.headers["X-Request-ID"] = request_id
            return response

    return middleware


def _told(forwarded: str) -> Address | None:
    """Whose address a proxy of ours tells, without a port; None if it tells none, or none that can be read."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    address = None
    for hop in reversed(hops):
        parsed = _parsed(_without_port(hop))
        if parsed is None:
            log.warning("TRUSTED_PROXIES: a proxy sends an X-Forwarded-For that is no address")
            return None
        address = parsed
        if not _is_proxy(address):
            break
    return address


def _without_port(hop: str) -> str:
    """`192.0.2.1:4711` and `[2001:db8::1]:4711` as some proxies write them, without the port."""
    found = _WITH_PORT.fullmatch(hop)
    return found["v4"] or found["v6"] if found else hop


def _parsed(address: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])  # without the name of a network interface
    except ValueError:
        return None
    return (parsed.version == 6 and parsed.ipv4_mapped) or parsed  # a socket for both families maps IPv4


def _is_proxy(address: Address | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def refuse_repeated_fields(get_response: GetResponse) -> GetResponse:
    """A field sent twice has no honest meaning outside the desk, whose check boxes share one name.

    Nor has a charset but our own: some decode to what no database takes, some fail at decoding.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if (request.content_params or {}).get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            raise SuspiciousOperation("a charset that no page of ours has")
        # The desk's are read here as well: nobody may have a turn (below) while the body is still coming.
        if request.method == "POST" and _repeats(request) and not request.path.startswith(f"/{settings.ADMIN_PATH}"):
            raise SuspiciousOperation("a field was sent more than once")
        return get_response(request)

    return middleware


def _repeats(request: HttpRequest) -> bool:
    try:
        return any(len(values) > 1 for _, values in request.POST.lists())
    except UnreadablePostError:
        raise SuspiciousOperation("the request broke off") from None  # nobody is left to read the answer


def choose_language(get_response: GetResponse) -> GetResponse:
    """The language that the citizen switched to, else the portal's own; what the browser prefers does not count,
    because most browsers in Iran are set to English."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def wait_for_a_turn(get_response: GetResponse) -> GetResponse:
    """Few requests that send something at once; the rest waits, and what finds no place gets the page of 503.

    After the body was read: who sends it slowly holds up nobody. Before anything that costs much.
    """
    places = settings.POST_PLACES
    all_turns = turns.Turns(turns.AT_ONCE, places, for_one=max(1, places // 2))

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            with all_turns.looking():
                return get_response(request)
        try:
            with all_turns.taken(client_ip_key(request.META["REMOTE_ADDR"])):
                return get_response(request)
        except turns.NoPlace:
            return errors.service_unavailable(request, hasher.RETRY_SECONDS)

    return middleware


class AnswerRefusals:
    """A limit that was reached answers 429, a service that is away 503; both have their page. Whose session was ended
    while the request was under way begins anew. The page of a form that
    waits for a place among the hashes stays as it is, and is a 503 with Retry-After, too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hasher.begin_request()
        response = self.get_response(request)
        if hasher.met_full_lane() and response.status_code == 200:
            response.status_code = 503
            response.headers["Retry-After"] = str(hasher.RETRY_SECONDS)
        if isinstance(response, HttpResponseNotAllowed):
            return errors.method_not_allowed(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, LimitReached):
            return errors.too_many_requests(request, exception)
        if isinstance(exception, hasher.LaneFull):
            return errors.service_unavailable(request, hasher.RETRY_SECONDS)
        if isinstance(exception, UpdateError):
            return errors.session_ended(request)
        if errors.is_away(exception):
            log.error("a service is away: %s", type(exception).__name__)  # the text may hold addresses or values
            return errors.service_unavailable(request)
        return None
