"""Talks to `perf-report mcp` with the client of the protocol's own library, and prints what it was told, as JSON."""

import asyncio
import json
import sys

from mcp import ClientSession, MCPError, StdioServerParameters, stdio_client

command, folder, calls = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])


async def main():
    told = {}
    server = StdioServerParameters(command=command, args=["mcp", folder])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        begun = await session.initialize()
        told["server"] = begun.server_info.name
        told["tools"] = [tool.name for tool in (await session.list_tools()).tools]
        await session.send_ping()
        told["answers"] = []
        for name, arguments in calls:
            try:
                answer = await session.call_tool(name, arguments)
                told["answers"].append([answer.is_error, answer.content[0].text])
            except MCPError as error:
                told["answers"].append([None, str(error)])
        try:
            await session.list_resources()
        except MCPError as error:
            told["resources"] = str(error)
    print(json.dumps(told))


asyncio.run(main())
