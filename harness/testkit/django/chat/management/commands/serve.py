import socket

import uvicorn
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Serves REST and sockets on loopback, and prints the URL."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=0, help="Port to listen on; 0 chooses a free one")

    def handle(self, port, **options):
        listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}")
        self.stdout.flush()
        uvicorn.run("chat.asgi:application", fd=listener.fileno(), log_level="warning", lifespan="off")
