"""Planted faults that only a formatter or a compiler sees, and what the cache may and may not remember."""

import json
import shutil
import time
import unittest
from pathlib import Path

import batches
from cache import Cache, Reach
from checks import headers, layout, tidy
from tests.planted import HEADER, PlantedTest
from tools import Build
from tree import Tree

ROOT = Path(__file__).resolve().parent.parent.parent
ONE = "namespace holdfast {\nint one();\n}  // namespace holdfast\n"


class ToolsTest(PlantedTest):
    def setUp(self):
        super().setUp()
        for name in (".clang-format", ".clang-tidy"):
            shutil.copy(ROOT / name, self.root / name)
        self.plant("src/base/one.h", HEADER + "\n" + ONE)
        self.plant("src/base/one.cc", '#include "base/one.h"\n\nint holdfast::one() { return 1; }\n')
        self.set_up_build("src/base/one.cc")

    def set_up_build(self, *units):
        command = f"ccache g++ -std=c++23 -I{self.root}/src -o x.o -c "
        entries = [
            {"directory": str(self.root), "file": f"{self.root}/{unit}", "command": command + f"{self.root}/{unit}"}
            for unit in units
        ]
        self.plant("build/compile_commands.json", json.dumps(entries))

    def run_check(self, name):
        tree = Tree(self.root)
        build, reach, cache = Build(self.root / "build", tree.root), Reach(tree), Cache(self.root / "build/passed")
        if name == "format":
            return [str(finding) for finding in layout.check(tree, cache)]
        if name == "headers":
            return [str(finding) for finding in headers.check(tree, build, reach, cache)]
        return [str(finding) for finding in tidy.check(tree, build, reach, cache, True, time.monotonic())]

    def test_a_file_laid_out_otherwise_is_found_each_time(self):
        self.plant("src/base/one.cc", '#include "base/one.h"\nint holdfast::one(){return 1;}\n')
        for _ in range(2):
            found = [text for text in self.run_check("format") if "one.cc" in text]
            self.assertEqual(len(found), 1)
            self.assertIn("src/base/one.cc:2: format", found[0])

    def test_a_header_that_needs_another_is_found(self):
        self.plant("src/base/two.h", HEADER + "inline std::string two() { return {}; }\n")
        found = self.run_check("headers")
        self.assertEqual(len(found), 1, found)
        self.assertIn("src/base/two.h:1: header: does not compile alone", found[0])

    def test_a_header_whose_unit_begins_with_another_is_compiled(self):
        self.plant("src/base/two.h", HEADER + "inline std::string two() { return {}; }\n")
        self.plant("src/base/two.cc", '#include <string>\n#include "base/two.h"\n')
        self.set_up_build("src/base/one.cc", "src/base/two.cc")
        self.assertEqual(len(self.run_check("headers")), 1)

    def test_a_header_that_lost_what_it_included_is_found_again(self):
        self.plant("src/base/text.h", HEADER + "#include <string>\n")
        self.plant("src/base/two.h", HEADER + '#include "base/text.h"\ninline std::string two() { return {}; }\n')
        self.assertEqual(self.run_check("headers"), [])
        self.plant("src/base/text.h", HEADER)
        self.assertEqual(len(self.run_check("headers")), 1)

    def test_a_name_in_another_style_is_found_each_time(self):
        self.plant("src/base/one.cc", '#include "base/one.h"\n\nint holdfast::one() {\n  int OneTwo = 1;\n  return OneTwo;\n}\n')
        for _ in range(2):
            found = self.run_check("tidy")
            self.assertEqual(len(found), 1, found)
            self.assertIn("src/base/one.cc:4: tidy: invalid case style", found[0])

    def test_a_fault_in_a_header_is_found_although_the_unit_had_passed(self):
        self.assertEqual(self.run_check("tidy"), [])
        self.plant("src/base/one.h", HEADER + ONE + "struct bad_name {};\n")
        found = self.run_check("tidy")
        self.assertEqual(len(found), 1, found)
        self.assertIn("src/base/one.h:", found[0])

    def test_units_are_read_together_and_a_finding_keeps_its_place(self):
        self.plant("src/base/two.cc", '#include "base/one.h"\n\nstatic int two() {\n  int OneTwo = 1;\n  return OneTwo;\n}\n')
        self.set_up_build("src/base/one.cc", "src/base/two.cc")
        self.assertEqual([batch.units for batch in self.batches()], [("src/base/one.cc", "src/base/two.cc")])
        found = self.run_check("tidy")
        self.assertEqual([text.split(" tidy")[0] for text in found], ["src/base/two.cc:4:"], found)

    def test_units_whose_names_meet_are_read_apart(self):
        self.plant("src/base/two.cc", "static int holdfast_two() { return 2; }\n")
        self.plant("src/base/three.cc", "static int holdfast_two() { return 3; }\n")
        self.set_up_build("src/base/three.cc", "src/base/two.cc")
        self.assertEqual(len(self.batches()), 2)

    def test_a_batch_that_does_not_compile_is_halved_until_it_does(self):
        self.plant("src/base/two.cc", "namespace a {\n  static int hidden() { return 2; }\n}\n")
        self.plant("src/base/three.cc", "namespace a {\n  static int hidden() { return 3; }\n}\n")
        self.set_up_build("src/base/three.cc", "src/base/two.cc")
        tree = Tree(self.root)
        build = Build(self.root / "build", tree.root)
        (batch,) = self.batches()
        self.assertEqual(len(batches.that_compile(batch, tree, build)), 2)

    def batches(self):
        tree = Tree(self.root)
        build = Build(self.root / "build", tree.root)
        return batches.batches_of(sorted(build.commands), tree, build)

    def test_a_changed_header_is_read_through_a_unit_that_includes_it(self):
        self.plant("src/base/deep.h", HEADER)
        self.plant("src/base/one.h", HEADER + '#include "base/deep.h"\n' + ONE)
        tree = Tree(self.root)
        units = tidy.units_for({"src/base/deep.h"}, Build(self.root / "build", tree.root), Reach(tree))
        self.assertEqual(units, {"src/base/one.cc"})


if __name__ == "__main__":
    unittest.main()
