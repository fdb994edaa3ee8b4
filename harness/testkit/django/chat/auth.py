from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.middleware import BaseMiddleware
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication


class EmailBackend(ModelBackend):
    """Logs in with an email address in the field `username`."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        user = get_user_model().objects.filter(email__iexact=username).first()
        if user and user.check_password(password) and self.user_can_authenticate(user):
            return user


@database_sync_to_async
def user_of(token):
    authentication = JWTAuthentication()
    try:
        return authentication.get_user(authentication.get_validated_token(token))
    except AuthenticationFailed:
        return AnonymousUser()


class QueryTokenMiddleware(BaseMiddleware):
    """Sets `scope["user"]` from the access token in the query string of the handshake."""

    async def __call__(self, scope, receive, send):
        query = parse_qs(scope["query_string"].decode())
        scope["user"] = await user_of(query.get("token", [""])[0])
        return await super().__call__(scope, receive, send)
