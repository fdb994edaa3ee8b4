from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from chat.models import Message, Property, Room, Task

PASSWORD = "correct-horse-battery"
USERS = [
    ("alice", "Alice Johnson"),
    ("bob", "Bob Smith"),
    ("carol", "Carol Díaz"),
    ("dave", "Dave O'Brien"),
    ("erin", "Erin Müller"),
    ("frank", "Frank Żak"),
    ("grace", "Grace Lee"),
    ("heidi", "Heidi Berg"),
]


class Command(BaseCommand):
    help = "Creates 8 users with one password, 50 tasks and properties, and a conversation that existed before any test."

    def handle(self, **options):
        password = make_password(PASSWORD)
        for username, full_name in USERS:
            first, last = full_name.split(" ", 1)
            email = f"{username}@example.com"
            User.objects.create(username=username, email=email, first_name=first, last_name=last, password=password)
        Task.objects.bulk_create(Task(title=f"Task {number}") for number in range(1, 51))
        Property.objects.bulk_create(Property(title=f"Property {number}") for number in range(1, 51))

        alice, bob = User.objects.filter(username__in=["alice", "bob"]).order_by("id")
        room = Room.objects.create(room_type=Room.Type.DIRECT, created_by=alice)
        room.participants.create(user=alice, is_admin=True)
        room.participants.create(user=bob)
        Message.objects.create(room=room, sender=alice, content="Can you take the early shift tomorrow?")
        Message.objects.create(room=room, sender=bob, content="Yes, from six.")
