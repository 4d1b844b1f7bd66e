"""A small sound tree in a temporary folder, into which tests plant one fault each."""

import tempfile
import unittest
from pathlib import Path

from tree import Tree

HEADER = "// What this is for.\n#pragma once\n"
SOUND = {
    "src/base/bytes.h": HEADER + "#include <span>\nnamespace holdfast {}\n",
    "src/base/CMakeLists.txt": "holdfast_library(base)\n",
    "src/trust/verified.h": HEADER + "namespace holdfast::trust {}\n",
    "src/trust/crypto/hash.h": HEADER + '#include "base/bytes.h"\nnamespace holdfast::trust::crypto {}\n',
    "src/trust/crypto/hash.cc": '#include "trust/crypto/hash.h"\n#include <openssl/evp.h>\n'
    "namespace holdfast::trust::crypto { int one() { return 1; } }\n",
    "src/trust/crypto/CMakeLists.txt": "holdfast_library(trust_crypto LINKS base DOOR OpenSSL::Crypto)\n",
    "src/trust/tpm/quote.h": HEADER + '#include "trust/crypto/hash.h"\nnamespace holdfast::trust::tpm {}\n',
    "src/trust/tpm/CMakeLists.txt": "holdfast_library(trust_tpm LINKS base trust_crypto)\n",
    "src/service/claim/claim.h": HEADER + '#include "trust/tpm/quote.h"\nnamespace holdfast::service::claim {}\n',
    "src/service/claim/CMakeLists.txt": "holdfast_library(service_claim LINKS trust_tpm)\n",
    "src/sim/world/world.h": HEADER + "namespace holdfast::sim::world {}\n",
    "src/sim/world/CMakeLists.txt": "holdfast_library(sim_world)\n",
    "src/linux/tls/tls.cc": "#include <openssl/ssl.h>\nnamespace holdfast::linux::tls {}\n",
    "tests/skip.h": HEADER + "namespace holdfast {}\n",
}


class PlantedTest(unittest.TestCase):
    """Each test starts from the sound tree; `plant` writes one more file or replaces one."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for path, text in SOUND.items():
            self.plant(path, text)

    def plant(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def findings(self, check):
        return [str(finding) for finding in check(Tree(self.root))]

    def assert_sound(self, check):
        self.assertEqual(self.findings(check), [])

    def assert_found(self, check, path, words):
        found = self.findings(check)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(path + ":"), found)
        self.assertIn(words, found[0])
