"""The reference: aiosmtpd as it comes, with a handler that stores nothing. Says its port when it listens."""

import asyncio
from functools import partial

from aiosmtpd.smtp import SMTP


class Nothing:
    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


async def serve() -> None:
    make = partial(SMTP, Nothing(), hostname="bare.example", enable_SMTPUTF8=True, data_size_limit=100_000_000)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
