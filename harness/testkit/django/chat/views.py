from django.db import transaction
from django.utils import timezone
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework_simplejwt.views import TokenObtainPairView

from . import services
from .models import Message, Participant, Room
from .serializers import (
    AddParticipantSerializer,
    EditMessageSerializer,
    MessageSerializer,
    MuteSerializer,
    ParticipantSerializer,
    RoomListSerializer,
    RoomQuerySerializer,
    RoomSerializer,
    SearchQuerySerializer,
)


class LoginView(TokenObtainPairView):
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"


# Writes that save a whole row read it again in their own transaction, so that they undo no concurrent write.


class RoomViewSet(viewsets.ModelViewSet):
    http_method_names = ["get", "post", "head", "options"]
    filter_backends = [SearchFilter]
    search_fields = ["name"]

    def get_serializer_class(self):
        return RoomListSerializer if self.action == "list" else RoomSerializer

    def get_queryset(self):
        rooms = Room.objects.of(self.request.user)
        if self.action == "list":
            params = self.request.query_params
            if params.get("room_type"):
                rooms = rooms.filter(room_type=params["room_type"])
            if params.get("include_archived") != "true":
                rooms = rooms.filter(is_active=True)
        return rooms

    @action(detail=True, methods=["post"])
    def mark_read(self, request, pk=None):
        services.read_room(self.get_object().member(request.user))
        return Response({"message": "Room marked as read"})

    @action(detail=True, methods=["post"])
    def leave(self, request, pk=None):
        services.end_membership(self.get_object().member(request.user))
        return Response({"message": "Successfully left the room"})

    @action(detail=True, methods=["post"])
    @transaction.atomic
    def archive(self, request, pk=None):
        room = self.get_object()
        if room.is_active:
            room.is_active, room.archived_at = False, timezone.now()
            room.save()
        return Response(self.get_serializer(room).data)

    @action(detail=True)
    def stats(self, request, pk=None):
        room = self.get_object()
        last = room.messages.last()
        return Response(
            {
                "message_count": room.messages.filter(is_deleted=False).count(),
                "participant_count": room.members().count(),
                "unread_count": room.member(request.user).unread().count(),
                "last_message_at": last and last.created_at,
            }
        )


class IsSenderOrReadOnly(BasePermission):
    message = "Only the sender can change a message."

    def has_object_permission(self, request, view, message):
        return request.method not in ("PATCH", "DELETE") or message.sender_id == request.user.id


class MessageViewSet(viewsets.ModelViewSet):
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    permission_classes = [IsAuthenticated, IsSenderOrReadOnly]
    filter_backends = [OrderingFilter]
    ordering_fields = ["created_at"]

    def get_serializer_class(self):
        return EditMessageSerializer if self.action == "partial_update" else MessageSerializer

    def get_queryset(self):
        messages = Message.objects.filter(room__in=Room.objects.of(self.request.user))
        if self.action == "list":
            query = RoomQuerySerializer(data=self.request.query_params)
            query.is_valid(raise_exception=True)
            messages = messages.filter(room=query.validated_data["room"])
        return messages.select_related("sender").prefetch_related("receipts")

    def perform_create(self, serializer):
        services.post_message(serializer, self.request.user)

    @transaction.atomic
    def perform_update(self, serializer):
        serializer.instance.refresh_from_db()
        if serializer.instance.is_deleted:
            raise ValidationError({"content": ["Deleted messages cannot be edited."]})
        serializer.save(is_edited=True, edited_at=timezone.now())

    @transaction.atomic
    def perform_destroy(self, message):
        message.refresh_from_db()
        message.soft_delete()

    @action(detail=True, methods=["post"])
    def mark_read(self, request, pk=None):
        services.read_message(self.get_object(), request.user)
        return Response({"message": "Message marked as read"})

    @action(detail=False)
    def search(self, request):
        query = SearchQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = self.get_queryset().filter(content__icontains=query.validated_data["q"], is_deleted=False)
        if "room" in query.validated_data:
            found = found.filter(room=query.validated_data["room"])
        page = self.paginate_queryset(found.order_by("-created_at"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ParticipantViewSet(
    mixins.CreateModelMixin, mixins.ListModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet
):
    def get_serializer_class(self):
        return AddParticipantSerializer if self.action == "create" else ParticipantSerializer

    def get_queryset(self):
        participants = Participant.objects.active().filter(room__in=Room.objects.of(self.request.user))
        if self.action == "list":
            query = RoomQuerySerializer(data=self.request.query_params)
            query.is_valid(raise_exception=True)
            participants = participants.filter(room=query.validated_data["room"])
        return participants.select_related("user", "room")

    def perform_destroy(self, participant):
        if not participant.room.member(self.request.user).is_admin:
            raise PermissionDenied("Only admins of the room can remove participants.")
        services.end_membership(participant)

    @action(detail=True, methods=["post"])
    @transaction.atomic
    def mute(self, request, pk=None):
        participant = self.get_object()
        if participant.user != request.user:
            raise PermissionDenied("Only your own notifications can be muted.")
        serializer = MuteSerializer(participant, data=request.data)
        serializer.is_valid(raise_exception=True)
        until = serializer.validated_data.get("muted_until") if serializer.validated_data["muted"] else None
        return Response(ParticipantSerializer(serializer.save(muted_until=until)).data)
