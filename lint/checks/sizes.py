"""What outgrows a file of 400 lines or a function of 60 is usually two things. Binds C++, Python, shell and CMake."""

import ast
import re

import cpp
from rules import FILE_LINES_MAX, FUNCTION_LINES_MAX, GENERATED
from tree import Finding

CHECK = "size"
SHELL_FUNCTION = re.compile(r"^(\w+)\s*\(\)\s*[{(]\s*$|^function\s+(\w+)")
CODE_SUFFIXES = (".h", ".cc", ".c", ".py", ".sh", ".cmake", ".ts", ".js", ".svelte", ".css", "CMakeLists.txt")


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield cpp.Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)


def shell_functions(text):
    lines = text.splitlines()
    for start, line in enumerate(lines):
        match = SHELL_FUNCTION.match(line)
        if match:
            end = next((i for i in range(start, len(lines)) if lines[i] in ("}", ")")), len(lines) - 1)
            yield cpp.Function(match.group(1) or match.group(2), start + 1, end - start + 1)


def functions_of(file):
    if file.is_cpp:
        return cpp.functions(file.text)
    if file.path.endswith(".py"):
        return python_functions(file.text)
    return shell_functions(file.text) if file.is_shell else []


def is_generated(file):
    said = GENERATED.get(file.path)
    return said is not None and any(said in line for line in file.lines[:5])


def check(tree):
    for file in tree.files:
        if is_generated(file) or not (file.path.endswith(CODE_SUFFIXES) or file.is_shell):
            continue
        if len(file.lines) > FILE_LINES_MAX:
            yield Finding(file.path, 1, CHECK, f"{len(file.lines)} lines, at most {FILE_LINES_MAX}")
        for function in functions_of(file):
            if function.length > FUNCTION_LINES_MAX:
                text = f"{function.name} has {function.length} lines, at most {FUNCTION_LINES_MAX}"
                yield Finding(file.path, function.line, CHECK, text)
