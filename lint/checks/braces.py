"""No TRY inside a braced initialiser: when it returns early, g++ 12 does not destroy the members already made, and their
memory is lost. The value is taken into a local first."""

import re

import cpp
from tree import Finding

CHECK = "braces"
TOKEN = re.compile(r"[(){}\[\]]|\bTRY\b")
# What stands before the brace of a body; before that of a value stands a type, an operator, a comma or a bracket.
BODY = re.compile(
    r"(?:^|[;{}:]|\)|\b(?:else|do|try|const|noexcept|mutable|override|final)|\bcase\b[^:;{}]*"
    r"|->\s*[\w:]+(?:\s*<[^;{}]*>)?\s*[&*]?|\b(?:namespace|class|struct|union|enum)\b[^;{}()=]*)$"
)
LOOK_BACK = 200


def check(tree):
    for file in tree.cpp:
        code = cpp.code_only(file.text)
        opened = []
        for match in TOKEN.finditer(code):
            token, at = match.group(), match.start()
            if token == "TRY":
                inner = next((kind for kind in reversed(opened) if kind in ("body", "value")), "body")
                if inner == "value":
                    yield Finding(file.path, cpp.line_at(code, at), CHECK, "TRY inside a braced initialiser")
            elif token == "{":
                before = code[max(0, at - LOOK_BACK) : at].rstrip()
                opened.append("body" if BODY.search(before) else "value")
            elif token in "([":
                opened.append(token)
            elif opened:
                opened.pop()
