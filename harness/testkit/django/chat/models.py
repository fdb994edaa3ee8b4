import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator

DELETED = "[Message deleted]"


class Task(models.Model):
    title = models.CharField(max_length=100)


class Property(models.Model):
    title = models.CharField(max_length=100)


class RoomQuerySet(models.QuerySet):
    def of(self, user):
        """Rooms that `user` is a member of."""
        return self.filter(pk__in=Participant.objects.active().filter(user=user).values("room"))

    def direct_between(self, user, other):
        """Active direct rooms in which both users are still members."""
        return self.of(user).filter(pk__in=self.model.objects.of(other), room_type="direct", is_active=True)


class Room(models.Model):
    class Type(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"
        TASK = "task"
        PROPERTY = "property"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, blank=True)
    room_type = models.CharField(max_length=10, choices=Type)
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True)
    property = models.ForeignKey(Property, models.CASCADE, null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)
    is_active = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["-modified_at"]

    def members(self):
        return self.participants.active()

    def member(self, user):
        return self.members().filter(user=user).first()

    def display_name(self, viewer):
        if self.room_type == self.Type.DIRECT:
            # A member who left is still the name of the conversation for the one who stayed.
            other = self.participants.exclude(user=viewer).select_related("user").first()
            return str(other) if other else "Direct message"
        return self.name or (self.task and self.task.title) or (self.property and self.property.title) or "Group chat"


class ParticipantQuerySet(models.QuerySet):
    def active(self):
        return self.filter(left_at=None)


class Participant(models.Model):
    """One membership; a user who comes back gets a new one."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="participations")
    joined_at = models.DateTimeField(auto_now_add=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    is_admin = models.BooleanField(default=False)
    muted = models.BooleanField(default=False)
    muted_until = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["room", "user"], condition=Q(left_at=None), name="one_membership")]

    def __str__(self):
        return self.user.get_full_name() or self.user.username

    @property
    def is_muted(self):
        return self.muted and (self.muted_until is None or self.muted_until > timezone.now())

    def unread(self):
        messages = self.room.messages.filter(created_at__gt=self.joined_at, is_deleted=False)
        return messages.exclude(sender=self.user).exclude(receipts__user=self.user)


class Message(models.Model):
    class Type(models.TextChoices):
        TEXT = "text"
        IMAGE = "image"
        FILE = "file"
        SYSTEM = "system"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    message_type = models.CharField(max_length=10, choices=Type, default=Type.TEXT)
    content = models.TextField(blank=True)
    attachment = models.FileField(upload_to="chat/%Y/%m/", null=True, blank=True)
    attachment_name = models.CharField(max_length=255, blank=True)
    attachment_size = models.PositiveIntegerField(null=True, blank=True)
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    modified_at = models.DateTimeField(auto_now=True)
    is_edited = models.BooleanField(default=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    is_deleted = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]

    def preview(self):
        return Truncator(self.content or self.attachment_name).chars(100)

    def soft_delete(self):
        self.content, self.is_deleted, self.deleted_at = DELETED, True, timezone.now()
        self.save()


class Receipt(models.Model):
    message = models.ForeignKey(Message, models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        unique_together = [("message", "user")]
