"""What a client of the UnifiedAPI service writes, and how it reads a no."""

import json

BOUNDARY = "----------------------------4ebf00fbcf09"
NUMBER = "12025550100"
OURS = "/uapi/faxes/@me/0003*210"


def part(content, *, name="files", filename=None, kind=None):
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{filename}"' if filename is not None else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return head.encode() + b"\r\n\r\n" + content


def request_part(*recipients, **options):
    return part(json.dumps({"recipients": list(recipients)}).encode(), name="request", **options)


def form(client, address, *parts, **headers):
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + one + b"\r\n" for one in parts)
    body += b"--" + BOUNDARY.encode() + b"--\r\n"
    return client.generic("POST", address, body, f"multipart/form-data; boundary={BOUNDARY}", headers=headers)


def posted(client, address, asked):
    return client.post(address, json.dumps(asked), "application/json")


def put(client, file, content, **options):
    return client.put(file["redirectUri"], content, file["redirectHeaders"]["Content-Type"], **options)


def said(answer):
    """Status and code of a no, in the one shape."""
    assert answer["Content-Type"] == "application/json"
    error = json.loads(answer.content)
    assert set(error) == {"error"}
    assert set(error["error"]) == {"code", "message"}
    assert len(error["error"]["message"].split()) > 3
    return answer.status_code, error["error"]["code"]
