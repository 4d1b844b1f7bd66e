"""Planted faults in sizes, words and the beginnings of files, and what the small C++ reader makes of odd code."""

import unittest

import cpp
from cache import Reach
from checks import braces, docs, shape, sizes, standard, words
from rules import GENERATED
from tests.planted import HEADER, PlantedTest


def lines(count):
    return "".join(f"  use({i});\n" for i in range(count))


class SizesTest(PlantedTest):
    def test_the_sound_tree_is_sound(self):
        for check in (shape.check, sizes.check, words.check):
            self.assert_sound(check)

    def test_a_file_of_401_lines_is_found_and_one_of_400_is_not(self):
        self.plant("src/base/long.cc", "int x;\n" * 400)
        self.assert_sound(sizes.check)
        self.plant("src/base/long.cc", "int x;\n" * 401)
        self.assert_found(sizes.check, "src/base/long.cc", "401 lines")

    def test_a_generated_file_may_be_long_where_a_rule_says_so_and_it_says_so_itself(self):
        path, said = next(iter(GENERATED.items()))
        self.plant(path, f"// {said}\n" + "\n" * 400)
        self.assert_sound(sizes.check)
        self.plant(path, "// by hand\n" + "\n" * 400)
        self.assert_found(sizes.check, path, "401 lines")
        self.plant(path, "")
        self.plant("console/other.ts", f"// {said}\n" + "\n" * 400)
        self.assert_found(sizes.check, "console/other.ts", "401 lines")

    def test_a_function_of_61_lines_is_found_and_one_of_60_is_not(self):
        self.plant("src/base/long.cc", "namespace holdfast {\nint f(int a,\n      int b) {\n" + lines(57) + "}\n}\n")
        self.assert_sound(sizes.check)
        self.plant("src/base/long.cc", "namespace holdfast {\nint f(int a,\n      int b) {\n" + lines(58) + "}\n}\n")
        self.assert_found(sizes.check, "src/base/long.cc:2", "f has 61 lines")

    def test_a_long_test_case_member_and_lambda_are_found(self):
        for head in ('TEST_CASE("a; b {") {', "class A { public: A() : a_{1}, b_(2) {", "auto f = [](int a) {"):
            self.plant("src/base/long_test.cc", head + "\n" + lines(60) + "}\n")
            self.assert_found(sizes.check, "src/base/long_test.cc", "lines, at most 60")

    def test_a_long_table_is_no_function(self):
        self.plant("src/base/table.cc", "constexpr auto kAll = std::to_array<Row>({\n" + "  {1, f(2)},\n" * 80 + "});\n")
        self.assert_sound(sizes.check)

    def test_long_python_and_shell_functions_are_found(self):
        self.plant("lint/long.py", "def f():\n" + "    use()\n" * 60)
        self.assert_found(sizes.check, "lint/long.py:1", "f has 61 lines")
        self.plant("lint/long.py", "")
        self.plant("long.sh", "f() {\n" + "  use\n" * 59 + "}\n")
        self.assert_found(sizes.check, "long.sh:1", "f has 61 lines")


class BracesTest(PlantedTest):
    def test_try_among_members_is_found_however_deep(self):
        for line in ("return Key{kind, TRY(read())};", "out.push_back({.a = size(TRY(read())), .b = 1});"):
            self.plant("src/base/key.cc", "Result<Key> f() {\n  " + line + "\n}\n")
            self.assert_found(braces.check, "src/base/key.cc:2", "TRY inside a braced initialiser")

    def test_try_in_a_body_is_sound_also_in_a_lambda_among_members(self):
        self.plant(
            "src/base/key.cc",
            "Result<Key> f() {\n  if (x) { TRY(g()); }\n  return Key{kind, [&]() -> Result<void> { return TRY(g()); }};\n}\n",
        )
        self.assert_sound(braces.check)


def check_standard(tree):
    return standard.check(tree, Reach(tree))


class StandardTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.plant("cmake/targets.cmake", f"set(HOLDFAST_STANDARD_HEADERS {' '.join(f'<{h}>' for h in standard.GIVES)})\n")

    def test_a_use_without_its_include_is_found(self):
        self.plant("src/base/uses.cc", "#include <vector>\nauto x = std::ranges::find(std::vector<int>{}, 1);\n")
        self.assert_found(check_standard, "src/base/uses.cc:2", "std::ranges::find without #include <algorithm>")

    def test_an_include_may_come_through_a_header_of_ours(self):
        self.plant("src/base/uses.cc", '#include "base/bytes.h"\nstd::span<int> x;\n// std::vector<int> in a comment\n')
        self.assert_sound(check_standard)

    def test_a_precompiled_header_that_this_check_does_not_know_is_found(self):
        self.plant("cmake/targets.cmake", f"set(HOLDFAST_STANDARD_HEADERS {' '.join(f'<{h}>' for h in standard.GIVES)} <set>)\n")
        self.assert_found(check_standard, "cmake/targets.cmake", "<set>")


class CppTest(unittest.TestCase):
    def names(self, text):
        return [(f.name, f.length) for f in cpp.functions(text)]

    def test_braces_in_text_and_comments_do_not_count(self):
        self.assertEqual(self.names('int f() {\n  g("}{"); // }\n  return \'}\';\n}\nint h() { return 1; }'), [("f", 4), ("h", 1)])

    def test_raw_strings_and_digit_separators_are_read(self):
        self.assertEqual(self.names('int f() { return 1\'000 + g(R"x(}")x"); }\nint h() {\n}'), [("f", 1), ("h", 2)])

    def test_templates_requires_and_constructors_are_read(self):
        text = "template <class T>\n  requires(sizeof(T) > 1)\nstruct A {\n  A() : a_{1}, b_{2} {\n  }\n  int b() { return 1; }\n};"
        self.assertEqual(self.names(text), [("A", 2), ("b", 1)])

    def test_extern_c_functions_are_functions(self):
        self.assertEqual(self.names('extern "C" int run(int a) {\n  if (a) {\n  }\n}'), [("run", 4)])

    def test_macros_of_many_lines_are_no_code(self):
        self.assertEqual(self.names("#define F(x) \\\n  do { \\\n  } while (0)\nint f() {\n}"), [("f", 2)])


class WordsTest(PlantedTest):
    def test_work_left_undone_is_found(self):
        for word in ("TO" + "DO", "FIX" + "ME", "for " + "now", "place" + "holder", "a st" + "ub", "not yet " + "implemented"):
            self.plant("src/base/bad.cc", f"// {word}: later\n")
            self.assert_found(words.check, "src/base/bad.cc:1", "finish it or file it")

    def test_names_that_say_nothing_are_found(self):
        for text in ("class KeyManager {", "struct DeviceData;", "using Context = int;", "enum class CommonKind {"):
            self.plant("src/base/bad.cc", text + "\n")
            self.assert_found(words.check, "src/base/bad.cc:1", "says nothing")

    def test_words_that_merely_contain_them_are_fine(self):
        self.plant("src/base/fine.cc", "class Database {};\nstruct Simplex {};\nstruct Utility {};\n")
        self.assert_sound(words.check)

    def test_a_file_called_helpers_is_found(self):
        self.plant("src/base/test_helpers.h", HEADER)
        self.assert_found(words.check, "src/base/test_helpers.h", "'helpers'")

    def test_product_code_that_knows_it_is_played_is_found(self):
        word = "simu" + "lated"
        self.plant("src/device/bad.cc", f"if ({word}) {{\n}}\n")
        self.assert_found(words.check, "src/device/bad.cc:1", "for src/sim and tests alone")

    def test_the_sim_and_tests_may_say_it(self):
        word = "simu" + "lated"
        self.plant("src/sim/world/fine.cc", f"// {word}\n")
        self.plant("src/device/fine_test.cc", f"// {word}\n")
        self.assert_sound(words.check)


class ShapeTest(PlantedTest):
    def test_a_header_without_introduction_is_found(self):
        self.plant("src/base/bad.h", "#pragma once\nnamespace holdfast {}\n")
        self.assert_found(shape.check, "src/base/bad.h", "begins by saying")

    def test_a_header_without_guard_is_found(self):
        self.plant("src/base/bad.h", "// For tests.\nnamespace holdfast {}\n")
        self.assert_found(shape.check, "src/base/bad.h", "#pragma once")

    def test_an_introduction_of_nine_lines_is_found(self):
        self.plant("src/base/bad.h", "// Words.\n" * 9 + "#pragma once\nnamespace holdfast {}\n")
        self.assert_found(shape.check, "src/base/bad.h", "9 lines of introduction")

    def test_a_foreign_namespace_is_found(self):
        self.plant("src/trust/tpm/bad.cc", "namespace holdfast::wire {}\n")
        self.assert_found(shape.check, "src/trust/tpm/bad.cc:1", "expected namespace holdfast::trust::tpm")

    def test_a_forward_declaration_for_another_is_fine(self):
        self.plant("src/trust/tpm/fine.h", HEADER + "namespace holdfast::wire { struct A; }\nnamespace holdfast::trust::tpm {}\n")
        self.assert_sound(shape.check)


class DocsTest(PlantedTest):
    def test_links_and_paths_that_are_there_are_fine(self):
        self.plant("docs/a.md", "See [b](../b.md#part), [web](https://example.org) and `src/base/bytes.h`, `src/trust`.\n")
        self.plant("b.md", "")
        self.assert_sound(docs.check)

    def test_a_dead_link_is_found(self):
        self.plant("docs/a.md", "One.\n[b](b.md)\n")
        self.assert_found(docs.check, "docs/a.md:2", "docs/b.md is not in this tree")

    def test_a_named_file_that_is_gone_is_found(self):
        self.plant("a.md", "`src/base/gone.h`\n")
        self.assert_found(docs.check, "a.md:1", "src/base/gone.h is not in this tree")

    def test_a_named_test_that_is_gone_is_found(self):
        self.plant("src/base/bytes_test.cc", 'TEST_CASE("one is refused") {}\n')
        self.plant("a.md", '- `src/base/bytes_test.cc`: "one is refused", "two are refused"\n')
        self.assert_found(docs.check, "a.md:1", "has no test 'two are refused'")


if __name__ == "__main__":
    unittest.main()
