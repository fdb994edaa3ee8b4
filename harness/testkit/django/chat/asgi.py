import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat.settings")
django_application = get_asgi_application()

# Importing models needs the application registry that the line above fills.
from .auth import QueryTokenMiddleware  # noqa: E402
from .consumers import ChatConsumer  # noqa: E402

routes = [path("ws/chat/<uuid:room_id>/", ChatConsumer.as_asgi())]
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(QueryTokenMiddleware(URLRouter(routes))),
    }
)
