"""Errors outside of the API's own views: problems under /api/, Django's pages for everybody else."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from woop.api.bodies import drain
from woop.api.problems import Problem, failure, not_found_problem


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Answer 404; where only the slash at the end is amiss, say so in a way that keeps the method."""
    drain(request)
    path = request.path_info
    other = path[:-1] if path.endswith("/") else f"{path}/"
    try:
        is_there = resolve(other).func is not nothing_here
    except Resolver404:
        is_there = False
    if not is_there:
        return not_found_problem().response()
    query = request.META.get("QUERY_STRING", "")
    moved = HttpResponsePermanentRedirect(f"{other}?{query}" if query else other)
    moved.status_code = HTTPStatus.PERMANENT_REDIRECT
    return moved


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return Problem(400, "malformed", _("The request could not be read.")).response()
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return Problem(403, "not_permitted", _("This is not allowed.")).response()
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return not_found_problem().response() if is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return failure().response() if is_api(request) else defaults.server_error(request)
