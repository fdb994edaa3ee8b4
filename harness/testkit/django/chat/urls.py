from django.conf import settings
from django.urls import include, path
from django.views.static import serve
from rest_framework.routers import DefaultRouter
from rest_framework_simplejwt.views import TokenRefreshView

from .views import LoginView, MessageViewSet, ParticipantViewSet, RoomViewSet

router = DefaultRouter()
router.register("rooms", RoomViewSet, basename="room")
router.register("messages", MessageViewSet, basename="message")
router.register("participants", ParticipantViewSet, basename="participant")

urlpatterns = [
    path("api/token/", LoginView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/chat/", include(router.urls)),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
]
