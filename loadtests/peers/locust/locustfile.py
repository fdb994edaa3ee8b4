"""Members of chat rooms as users of Locust, with one socket each, which a separate greenlet reads."""

import csv
import json
import os
import time

import gevent
import websocket
from locust import User, task
from locust.exception import StopUser

SOCKET_URL = os.environ["SOCKET_URL"]
START, END, PERIOD = (int(os.environ[name]) / 1000 for name in ("START_MS", "END_MS", "PERIOD_MS"))
MESSAGES = int(os.environ["MESSAGES"])

with open(os.environ["FILE"], newline="") as file:
    MEMBERS = csv.reader(file.readlines(), delimiter=";")


class Member(User):
    """Stays in its room until the end; talkers send on schedule."""

    def on_start(self):
        room, token, self.talks, self.offset = next(MEMBERS)
        self.socket = websocket.create_connection(
            f"{SOCKET_URL}/chat/{room}/?token={token}", enable_multithread=False
        )
        gevent.spawn(self.receive)

    def receive(self):
        fire = self.environment.events.request.fire
        while True:
            try:
                text = self.socket.recv()
            except (OSError, websocket.WebSocketException):
                return
            now = time.time()
            event = json.loads(text)
            if event["type"] == "chat_message":
                sent = float(event["message"]["content"].split()[1])
                fire(
                    request_type="WSR",
                    name="delivery",
                    response_time=(now * 1000.0) - sent,
                    response_length=len(text),
                    exception=None,
                    context={},
                )

    @task
    def stay(self):
        if self.talks == "1":
            first = START + int(self.offset) / 1000
            for number in range(MESSAGES):
                gevent.sleep(max(0.0, first + number * PERIOD - time.time()))
                text = f"sent {time.time() * 1000.0:.3f} by a talker on schedule"
                self.socket.send(json.dumps({"type": "chat_message", "message": text}))
        gevent.sleep(max(0.0, END - time.time()))
        self.socket.close()
        raise StopUser()
