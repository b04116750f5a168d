"""The description of the service as one page of HTML that loads nothing."""

import json
from html import escape
from typing import Any

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h2 { margin-top: 2rem; font-family: ui-monospace, monospace; font-size: 1.1rem; }
table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
pre { background: #f4f4f2; padding: 1rem; overflow: auto; }
"""


def docs_page(document: dict[str, Any], address: str = "openapi.json") -> str:
    """Write the page for an OpenAPI document, which programs find at an address."""
    info = document["info"]
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    schemas = "".join(
        f"<details><summary>{escape(name)}</summary><pre>{escape(json.dumps(schema, indent=2))}</pre></details>"
        for name, schema in document["components"]["schemas"].items()
    )
    title = escape(info["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1><p>{escape(info['description'])} Version {escape(info['version'])}. "
        f'For programs: <a href="{escape(address)}">{escape(address)}</a>.</p>{operations}<h2>Schemas</h2>{schemas}</body></html>'
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    body = operation.get("requestBody")
    parts = [f"<h2>{method.upper()} {escape(path)}</h2><p>{escape(operation['summary'])}.</p>"]
    if "security" in operation:
        parts.append("<p>Needs an API key.</p>")
    if parameters := operation.get("parameters"):
        parts.append(_table([(f"?{each['name']}=", each["description"]) for each in parameters]))
    if body:
        parts.append(f"<p>Body: {escape(', '.join(body['content']))}. {escape(body['description'])}</p>")
    parts.append(_table([(status, answer["description"]) for status, answer in operation["responses"].items()]))
    return "".join(parts)


def _table(rows: list[tuple[str, str]]) -> str:
    lines = "".join(f"<tr><th>{escape(name)}</th><td>{escape(words)}</td></tr>" for name, words in rows)
    return f"<table>{lines}</table>"
