"""Whoever uses the standard library includes it. The build reads some of its headers before every unit (HOLDFAST_STANDARD_
HEADERS in cmake/targets.cmake), so a forgotten include of one of those would pass unseen; here it does not."""

import re

import cpp
from tree import Finding

CHECK = "standard"
LIST = re.compile(r"set\(HOLDFAST_STANDARD_HEADERS([^)]*)\)")

# Header → what it gives and the standard promises of few others.
GIVES = {
    "algorithm": r"(?:ranges::)?(?:all_of|any_of|none_of|find|find_if|find_first_of|count|count_if|equal|mismatch|search"
    r"|lexicographical_compare|copy|copy_if|copy_n|transform|fill|replace|remove_if|reverse|sort|stable_sort|is_sorted"
    r"|unique|lower_bound|upper_bound|binary_search|adjacent_find|minmax_element|min_element|max_element|clamp|min|max)",
    "array": r"(?:array|to_array)",
    "chrono": r"chrono",
    "cstdint": r"u?int(?:8|16|32|64|ptr|max)_t",
    "expected": r"(?:un)?expected",
    "functional": r"(?:function|hash|greater|bind_front)",
    "map": r"(?:multi)?map",
    "memory": r"(?:unique_ptr|shared_ptr|weak_ptr|make_unique|make_shared|enable_shared_from_this)",
    "optional": r"(?:optional|nullopt)",
    "span": r"span",
    "string": r"(?:string|to_string|stoi|stol|stoll|getline)",
    "string_view": r"string_view",
    "utility": r"(?:exchange|pair|in_range|cmp_equal|cmp_less|index_sequence|make_index_sequence)",
    "variant": r"(?:variant|monostate|get_if|holds_alternative|visit)",
    "vector": r"vector",
}
# A header of the left may stand in for those on its right: [string.syn], [map.syn] and their like say so.
STANDS_FOR = {
    "string": {"string_view"},
    "map": {"utility"},
    "unordered_map": {"utility"},
    "ranges": {"algorithm"},
    "thread": {"chrono"},
    "condition_variable": {"chrono"},
    "future": {"chrono"},
    "cinttypes": {"cstdint"},
    "filesystem": {"string", "chrono"},
}
USES = {header: re.compile(rf"\bstd::{names}\b(?!::)|\bstd::{names}::") for header, names in GIVES.items()}


def precompiled(tree):
    text = tree.by_path["cmake/targets.cmake"].text if "cmake/targets.cmake" in tree.by_path else ""
    found = LIST.search(text)
    return set(re.findall(r"<(\w+)>", found.group(1))) if found else set()


def standard_includes(tree, reach, path):
    names = set()
    for one in reach.paths(path):
        names.update(include.path for include in cpp.includes(tree.by_path[one].text) if include.foreign)
    for name in list(names):
        names.update(STANDS_FOR.get(name, ()))
    return names


def check(tree, reach):
    for header in sorted(precompiled(tree) ^ set(GIVES)):
        yield Finding("cmake/targets.cmake", 1, CHECK, f"<{header}> is in one of HOLDFAST_STANDARD_HEADERS and this check's GIVES")
    for file in tree.cpp:
        code = cpp.code_only(file.text)
        included = None
        for header, uses in USES.items():
            match = uses.search(code)
            if not match:
                continue
            included = included or standard_includes(tree, reach, file.path)
            if header not in included:
                line = cpp.line_at(code, match.start())
                yield Finding(file.path, line, CHECK, f"{match.group().rstrip(':')} without #include <{header}>")
