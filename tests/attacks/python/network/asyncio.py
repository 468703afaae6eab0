"""asyncio
Opens a stream with asyncio.
policy: denied-address
audit: explicitlyDeniedIP
since: 3.7
proof: arrival
"""
import asyncio


def attack(at):
    async def talk():
        reader, writer = await asyncio.open_connection(at.FOE, at.PORT)
        writer.write(at.token)
        return await reader.read(100)
    return asyncio.run(talk()) == at.token
