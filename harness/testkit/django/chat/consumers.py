import logging
from types import SimpleNamespace

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from rest_framework.exceptions import NotFound, ValidationError

from . import services
from .models import Message, Participant
from .serializers import MessageSerializer

logger = logging.getLogger(__name__)


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """One socket of one user in one room."""

    async def connect(self):
        self.room_id = str(self.scope["url_route"]["kwargs"]["room_id"])
        self.user = self.scope["user"]
        # Joined before the membership is checked, so that a removal in between still closes the socket.
        await self.channel_layer.group_add(services.group_name(self.room_id), self.channel_name)
        unread = await self.unread_count() if self.user.is_authenticated else None
        if unread is None:
            await self.close()
            return
        await self.accept()
        await self.send_json(
            {
                "type": "connection_established",
                "room_id": self.room_id,
                "unread_count": unread,
                "user_id": self.user.id,
                "username": self.user.username,
            }
        )

    async def disconnect(self, code):
        await self.channel_layer.group_discard(services.group_name(self.room_id), self.channel_name)

    async def receive(self, **frame):
        try:
            await super().receive(**frame)
        except Exception as error:
            # A frame that cannot be processed must not end the connection.
            logger.info("cannot process a frame: %r", error)
            await self.send_json({"type": "error", "message": "Failed to process message"})

    async def receive_json(self, event):
        match event.get("type"):
            case "chat_message":
                await self.post_message({"content": event.get("message"), "reply_to": event.get("reply_to")})
            case "typing":
                user = {"user_id": self.user.id, "username": self.user.username}
                typing = {"type": "typing", **user, "is_typing": bool(event["is_typing"])}
                await database_sync_to_async(services.broadcast)(self.room_id, typing)
            case "read_receipt":
                await self.read_message(event["message_id"])
            case "mark_room_read":
                await self.read_room()
                await self.send_json({"type": "room_marked_read", "room_id": self.room_id})
            case _:
                raise ValidationError("Unknown event type")

    async def room_event(self, message):
        event = message["event"]
        is_own_typing = event["type"] == "typing" and event["user_id"] == self.user.id
        if not is_own_typing:
            await self.send_json(event)

    async def membership_ended(self, event):
        if event["user_id"] == self.user.id:
            await self.close()

    def member(self):
        members = Participant.objects.active().select_related("user", "room")
        return members.filter(room=self.room_id, user=self.user).first()

    @database_sync_to_async
    def unread_count(self):
        member = self.member()
        return member.unread().count() if member else None

    @database_sync_to_async
    def post_message(self, data):
        context = {"request": SimpleNamespace(user=self.user)}
        serializer = MessageSerializer(data={**data, "room": self.room_id}, context=context)
        serializer.is_valid(raise_exception=True)
        services.post_message(serializer, self.user)

    @database_sync_to_async
    def read_message(self, message_id):
        message = Message.objects.filter(pk=message_id, room=self.room_id).first()
        if message is None:
            raise NotFound("Message not found")
        services.read_message(message, self.user)

    @database_sync_to_async
    def read_room(self):
        services.read_room(self.member())
