"""The parts of a skops file: taken apart to be changed, and put together again."""

import io
import json
import zipfile


def members(data):
    """Return the files in a skops file by name, with schema.json parsed."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        contents = {name: file.read(name) for name in file.namelist()}
    return contents | {"schema.json": json.loads(contents["schema.json"])}


def packed(contents):
    """Return a skops file of these files, with correct checksums."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in contents.items():
            file.writestr(name, json.dumps(content) if name == "schema.json" else content)
    return buffer.getvalue()
