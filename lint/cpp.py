"""Just enough C++ for the checks: comments and literals blanked out, includes, and where functions begin and end.

Blanking keeps every line and column where it was, so that positions in the blanked text are positions in the file.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*.*?\*/)
      | (?P<raw>R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?<![0-9a-zA-Z_])(?P<char>'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\\\n]|\\.)*", re.MULTILINE | re.DOTALL)
SCOPE = re.compile(r'^(?:(?:inline\s+)?(?:namespace|class|struct|union|enum)\b|extern\s*"[^"]*"$)')
ACCESS = re.compile(r"^\s*(?:public|private|protected)\s*:(?!:)")
TEMPLATE = re.compile(r"^template\s*<")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


@lru_cache(maxsize=None)
def without_comments(text):
    def replace(match):
        return blank(match.group()) if match.group("line") or match.group("block") else match.group()

    return TOKEN.sub(replace, text)


@lru_cache(maxsize=None)
def code_only(text):
    """The text without comments and without what literals say; their quotes stay."""

    def replace(match):
        whole = match.group()
        if match.group("line") or match.group("block"):
            return blank(whole)
        return whole[0] + blank(whole[1:-1]) + whole[-1]

    return TOKEN.sub(replace, text)


def line_at(text, position):
    return text.count("\n", 0, position) + 1


@dataclass(frozen=True)
class Include:
    path: str
    foreign: bool  # in angle brackets
    line: int


def includes(text):
    clean = without_comments(text)
    return [Include(m.group(2), m.group(1) == "<", line_at(clean, m.start())) for m in INCLUDE.finditer(clean)]


def strip_template(head):
    """`template <class T> requires ... struct X` without its parameter list."""
    while TEMPLATE.match(head):
        depth = 0
        for position in range(head.index("<"), len(head)):
            depth += {"<": 1, ">": -1}.get(head[position], 0)
            if depth == 0:
                break
        head = head[position + 1 :].lstrip()
    return head


@dataclass(frozen=True)
class Function:
    name: str
    line: int
    length: int  # lines from its head to its closing brace


def body_kind(head):
    """What a brace opens, by the text before it: a scope, a function's body, or a value."""
    head = strip_template(head)
    if SCOPE.match(head) or re.match(r"^requires\b.*\b(?:class|struct)\b", head, re.DOTALL):
        return "scope"
    if "(" not in head or head.count("(") != head.count(")"):
        return "value"
    # In a constructor's initialiser list, `member_{` opens a value: a name stands before the brace.
    if re.search(r"\)\s*(?:noexcept\s*)?:[^:]", head) and re.search(r"[\w>]$", head):
        return "value"
    return "function"


def functions(text):
    """Every function defined outside other functions, with its length in lines; lambdas count with their function."""
    code = DIRECTIVE.sub(lambda match: blank(match.group()), code_only(text))
    found = []
    scopes = []  # kinds of the braces that are open
    head_start = 0
    inside = None  # where the head of the open function begins
    parens = 0
    for match in re.finditer(r"[{}();]", code):
        token, position = match.group(), match.start()
        if token == "(":
            parens += 1
        elif token == ")":
            parens -= 1
        elif token == ";" and inside is None and parens <= 0:
            head_start = position + 1
        elif token == "{":
            while inside is None and (label := ACCESS.match(code[head_start:position])):
                head_start += label.end()
            kind = "inner" if inside is not None else body_kind(code[head_start:position].strip())
            if kind == "function":
                inside = head_start
            scopes.append((kind, parens))
            if kind == "scope":
                head_start, parens = position + 1, 0
        elif token == "}" and scopes:
            kind, parens = scopes.pop()
            if kind == "function":
                first = line_at(code, re.compile(r"\S").search(code, inside).start())
                found.append(Function(name_in(code[inside:position]), first, line_at(code, position) - first + 1))
                inside = None
            if kind in ("function", "scope"):
                head_start = position + 1
    return found


def name_in(head):
    match = re.search(r"([\w:~]+|operator[^\s(]+)\s*\(", strip_template(head.strip()))
    return match.group(1) if match else "function"
