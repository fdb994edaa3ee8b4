"""Talks to a server with two clients that the AsyncAPI generator made from our export.

Usage: verify-client.py CLIENT URL: the folder of the generated client, and the base URL of the operations. Every event
is sent with a method of the client, and every kind of event must arrive at a handler of its own.
"""

import json
import queue
import re
import sys
import urllib.request

folder, base = sys.argv[1:]
sys.path.insert(0, folder)
from client import AriStayChatAPI  # noqa: E402

# The room and the message that the examples of the specification name.
ROOM = "550e8400-e29b-41d4-a716-446655440000"
MESSAGE = "660e8400-e29b-41d4-a716-446655440001"
EVENTS = ["connection_established", "chat_message", "typing", "read_receipt", "room_marked_read", "error"]


def token(username, password):
    body = json.dumps({"username": username, "password": password}).encode()
    request = urllib.request.Request(f"{base}/token/", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)["access"]


class Member:
    """A user in the room, and the events that arrived."""

    def __init__(self, username, password):
        self.events = queue.Queue()
        sockets = re.sub("^http", "ws", base.removesuffix("/api"))
        self.client = AriStayChatAPI(f"{sockets}/ws/chat/{ROOM}/", token=token(username, password))
        for event in EVENTS:
            register = getattr(self.client, f"register_receive_{event}_handler")
            register(lambda message, event=event: self.events.put((event, message)), "type", event)
        self.client.connect()
        self.expect("connection_established")

    def expect(self, wanted):
        while True:
            event, message = self.events.get(timeout=20)
            if event == wanted:
                return message if isinstance(message, dict) else json.loads(message)


user, other = Member("user@example.com", "password123"), Member("user0009", "user0009-password")
user.client.send_chat_message({"type": "chat_message", "message": "Hello!", "reply_to": MESSAGE})
for member in (user, other):
    assert member.expect("chat_message")["message"]["content"] == "Hello!"
user.client.send_typing({"type": "typing", "is_typing": True})
assert other.expect("typing")["is_typing"] is True
user.client.send_read_receipt({"type": "read_receipt", "message_id": MESSAGE})
assert other.expect("read_receipt")["message_id"] == MESSAGE
user.client.send_mark_room_read({"type": "mark_room_read"})
assert user.expect("room_marked_read")["room_id"] == ROOM
user.client.send_typing({"type": "typing", "is_typing": "perhaps"})
assert user.expect("error")["message"]
print("a generated client sent and received every event")
