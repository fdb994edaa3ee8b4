from django.contrib.auth import get_user_model
from django.db import transaction
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from .models import Message, Participant, Room

User = get_user_model()


def viewer(serializer):
    return serializer.context["request"].user


class UserBriefSerializer(serializers.ModelSerializer):
    full_name = serializers.CharField(source="get_full_name")

    class Meta:
        model = User
        fields = ["id", "username", "full_name", "email"]


class ParticipantSerializer(serializers.ModelSerializer):
    user = UserBriefSerializer()
    unread_count = serializers.IntegerField(source="unread.count")

    class Meta:
        model = Participant
        fields = ["id", "user", "room", "joined_at", "last_read_at", "is_admin", "unread_count", "is_muted"]
        fields += ["muted_until", "left_at"]


class AddParticipantSerializer(serializers.ModelSerializer):
    class Meta:
        model = Participant
        fields = ["room", "user", "is_admin"]

    def validate_room(self, room):
        member = room.member(viewer(self))
        if not (member and member.is_admin):
            raise PermissionDenied("Only admins of the room can add participants.")
        if room.room_type == Room.Type.DIRECT:
            raise serializers.ValidationError("Direct rooms have exactly two participants.")
        return room

    def validate(self, attrs):
        if attrs["room"].member(attrs["user"]):
            raise serializers.ValidationError({"user": ["This user is already a participant."]})
        return attrs

    def to_representation(self, participant):
        return ParticipantSerializer(participant, context=self.context).data


class MuteSerializer(serializers.ModelSerializer):
    muted = serializers.BooleanField()

    class Meta:
        model = Participant
        fields = ["muted", "muted_until"]


class LastMessageSerializer(serializers.ModelSerializer):
    sender = UserBriefSerializer()

    class Meta:
        model = Message
        fields = ["id", "sender", "content", "message_type", "created_at", "is_edited"]


class RoomListSerializer(serializers.ModelSerializer):
    display_name = serializers.SerializerMethodField()
    unread_count = serializers.SerializerMethodField()
    last_message_preview = serializers.SerializerMethodField()
    last_message_time = serializers.DateTimeField(source="messages.last.created_at", default=None)
    participant_count = serializers.IntegerField(source="members.count")

    class Meta:
        model = Room
        fields = ["id", "display_name", "room_type", "is_active", "unread_count", "last_message_preview"]
        fields += ["last_message_time", "participant_count", "modified_at"]

    def get_display_name(self, room):
        return room.display_name(viewer(self))

    def get_unread_count(self, room):
        member = room.member(viewer(self))
        return member.unread().count() if member else 0

    def get_last_message_preview(self, room):
        message = room.messages.last()
        return message.preview() if message else ""


class RoomSerializer(RoomListSerializer):
    created_by = UserBriefSerializer(read_only=True)
    participants = ParticipantSerializer(source="members", many=True, read_only=True)
    last_message = LastMessageSerializer(source="messages.last", default=None, read_only=True)
    participant_count = serializers.IntegerField(source="members.count", read_only=True)
    participant_ids = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), many=True, write_only=True, required=False
    )

    class Meta:
        model = Room
        fields = ["id", "name", "room_type", "task", "property", "created_at", "modified_at", "created_by", "is_active"]
        fields += ["archived_at", "participants", "participant_count", "last_message", "unread_count", "display_name"]
        fields += ["participant_ids"]
        read_only_fields = ["is_active", "archived_at"]

    def validate(self, attrs):
        others = {user for user in attrs.get("participant_ids", []) if user != viewer(self)}
        attrs["participant_ids"] = others
        if attrs["room_type"] == Room.Type.DIRECT and len(others) != 1:
            raise serializers.ValidationError({"participant_ids": ["A direct room needs exactly one other user."]})
        for kind in (Room.Type.TASK, Room.Type.PROPERTY):
            if attrs["room_type"] == kind and not attrs.get(kind.value):
                raise serializers.ValidationError({kind.value: ["This field is required."]})
        return attrs

    @transaction.atomic
    def create(self, validated_data):
        others = validated_data.pop("participant_ids")
        creator = viewer(self)
        if validated_data["room_type"] == Room.Type.DIRECT:
            existing = Room.objects.direct_between(creator, *others).first()
            if existing:
                return existing
        room = Room.objects.create(created_by=creator, **validated_data)
        room.participants.create(user=creator, is_admin=True)
        for user in others:
            room.participants.create(user=user)
        return room


class MessageSerializer(serializers.ModelSerializer):
    sender = UserBriefSerializer(read_only=True)
    message_type = serializers.ChoiceField(["text", "image", "file"], default="text")
    is_read = serializers.SerializerMethodField()
    read_count = serializers.IntegerField(source="receipts.count", read_only=True)
    read_by = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ["id", "room", "sender", "message_type", "content", "attachment", "attachment_name"]
        fields += ["attachment_size", "reply_to", "created_at", "modified_at", "is_edited", "edited_at"]
        fields += ["is_deleted", "deleted_at", "is_read", "read_count", "read_by"]
        read_only_fields = ["attachment_name", "attachment_size", "is_edited", "edited_at", "is_deleted", "deleted_at"]

    def get_is_read(self, message):
        return any(receipt.user_id == viewer(self).id for receipt in message.receipts.all())

    def get_read_by(self, message):
        return {str(receipt.user_id): receipt.read_at for receipt in message.receipts.all()}

    def validate_room(self, room):
        if not room.member(viewer(self)):
            raise PermissionDenied("You are not a participant of this room.")
        if not room.is_active:
            raise serializers.ValidationError("This room is archived.")
        return room

    def validate(self, attrs):
        attachment, reply_to = attrs.get("attachment"), attrs.get("reply_to")
        if not attrs.get("content") and not attachment:
            raise serializers.ValidationError({"content": ["This field may not be blank."]})
        if reply_to and reply_to.room_id != attrs["room"].id:
            raise serializers.ValidationError({"reply_to": ["The message is in another room."]})
        if attachment:
            is_image = (attachment.content_type or "").startswith("image/")
            attrs["message_type"] = Message.Type.IMAGE if is_image else Message.Type.FILE
            attrs["attachment_name"], attrs["attachment_size"] = attachment.name, attachment.size
        return attrs


class EditMessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = ["content"]
        extra_kwargs = {"content": {"allow_blank": False, "required": True}}

    def to_representation(self, message):
        return MessageSerializer(message, context=self.context).data


class RoomQuerySerializer(serializers.Serializer):
    room = serializers.UUIDField()


class SearchQuerySerializer(serializers.Serializer):
    q = serializers.CharField(min_length=3)
    room = serializers.UUIDField(required=False)
