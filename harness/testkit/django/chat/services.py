"""What REST and sockets do alike: each function changes the database, then notifies the room's sockets."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.utils import timezone

from .models import Receipt


def group_name(room_id):
    return f"room.{room_id}"


def broadcast(room_id, event):
    """Sends `event` to all sockets of the room."""
    async_to_sync(get_channel_layer().group_send)(group_name(room_id), {"type": "room.event", "event": event})


def post_message(serializer, user):
    """Saves a validated message, and sends it to everyone who is connected to its room."""
    with transaction.atomic():
        message = serializer.save(sender=user)
        message.room.save(update_fields=["modified_at"])
    payload = {
        "id": str(message.id),
        "room_id": str(message.room_id),
        "sender": {"id": user.id, "username": user.username, "full_name": user.get_full_name()},
        "content": message.content,
        "message_type": message.message_type,
        "reply_to_id": message.reply_to_id and str(message.reply_to_id),
        "created_at": message.created_at.isoformat(),
        "is_edited": message.is_edited,
        "edited_at": None,
    }
    broadcast(message.room_id, {"type": "chat_message", "message": payload})
    return message


def read_message(message, user):
    """Records that `user` read `message`; senders do not read their own messages."""
    if message.sender_id == user.id:
        return
    receipt, created = Receipt.objects.get_or_create(message=message, user=user)
    if created:
        event = {"type": "read_receipt", "message_id": str(message.id), "user_id": user.id}
        broadcast(message.room_id, {**event, "read_at": receipt.read_at.isoformat()})


def read_room(participant):
    with transaction.atomic():
        receipts = [Receipt(message=message, user=participant.user) for message in participant.unread()]
        Receipt.objects.bulk_create(receipts, ignore_conflicts=True)
        participant.last_read_at = timezone.now()
        participant.save(update_fields=["last_read_at"])


def end_membership(participant):
    participant.left_at = timezone.now()
    participant.save(update_fields=["left_at"])
    event = {"type": "membership.ended", "user_id": participant.user_id}
    async_to_sync(get_channel_layer().group_send)(group_name(participant.room_id), event)
