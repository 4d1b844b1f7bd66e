"""The kernel's fragment and its table in docs/kernel.md say the same; what a fragment asks for is looked for."""

import re
import unittest
from pathlib import Path

import kernel

TABLE = Path(__file__).parents[1] / "docs/kernel.md"


class Table(unittest.TestCase):
    def test_each_hardening_option_is_in_the_table_with_its_value_and_a_reason(self):
        text = kernel.FRAGMENT.read_text()
        wanted = kernel.options_of(text)
        rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", TABLE.read_text(), re.MULTILINE)
        listed = {f"CONFIG_{name}": value for name, value, _ in rows}
        said = {name: wanted[name].strip('"').replace(",", ", ") for name in kernel.sections_of(text)["hardening"]}
        self.assertEqual(listed, said)
        self.assertEqual(len(rows), len(listed), "an option is there twice")

    def test_every_option_is_asked_for_once(self):
        names = re.findall(r"^(CONFIG_\w+)=", kernel.FRAGMENT.read_text(), re.MULTILINE)
        self.assertEqual(len(names), len(set(names)))


class Unmet(unittest.TestCase):
    def test_what_did_not_take_effect_is_found(self):
        config = "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=0x200000\n"
        self.assertEqual(kernel.unmet({"CONFIG_A": "y", "CONFIG_B": "n", "CONFIG_D": "n"}, config), [])
        self.assertEqual(len(kernel.unmet({"CONFIG_A": "n", "CONFIG_B": "y", "CONFIG_D": "y"}, config)), 3)
        self.assertEqual(kernel.unmet({"CONFIG_C": "0x100000"}, config), ["CONFIG_C=0x100000, saw 0x200000"])


if __name__ == "__main__":
    unittest.main()
