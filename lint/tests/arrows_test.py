"""Planted faults in who includes, links and reaches whom."""

import unittest

from checks import arrows, doors, links, purity
from tests.planted import HEADER, PlantedTest


class ArrowsTest(PlantedTest):
    def test_the_sound_tree_is_sound(self):
        for check in (arrows.check, doors.check, links.check, purity.check):
            self.assert_sound(check)

    def test_an_include_against_the_arrows_is_found(self):
        self.plant("src/trust/tpm/bad.cc", '#include "service/claim/claim.h"\n')
        found = self.findings(arrows.check)
        self.assertIn("trust/tpm may not include service/claim/claim.h", found[0])
        self.assertIn("cycle", found[1])

    def test_service_never_includes_sim(self):
        self.plant("src/service/claim/bad.cc", '#include "sim/world/world.h"\n')
        self.assert_found(arrows.check, "src/service/claim/bad.cc", "service/claim may not include sim/world/world.h")

    def test_a_test_beside_the_source_may_include_sim(self):
        self.plant("src/service/claim/claim_test.cc", '#include "sim/world/world.h"\n#include "skip.h"\n')
        self.assert_sound(arrows.check)

    def test_trust_folders_keep_their_own_arrows(self):
        self.plant("src/trust/eventlog/bad.cc", '#include "trust/tpm/quote.h"\n')
        self.assert_found(arrows.check, "src/trust/eventlog/bad.cc", "trust/eventlog may not include trust/tpm/quote.h")

    def test_a_cycle_of_two_service_folders_is_found_once(self):
        self.plant("src/service/audit/audit.h", HEADER + '#include "service/claim/claim.h"\n')
        self.plant("src/service/claim/more.h", HEADER + '#include "service/audit/audit.h"\n')
        self.assert_found(arrows.check, "src/service/audit/audit.h", "cycle: service/audit → service/claim")

    def test_a_longer_cycle_is_found(self):
        for a, b in (("audit", "gate"), ("gate", "row"), ("row", "audit")):
            self.plant(f"src/service/{a}/{a}.h", HEADER + f'#include "service/{b}/{b}.h"\n')
        self.assert_found(arrows.check, "src/service/audit/audit.h", "audit → service/gate → service/row → service/aud")

    def test_an_include_in_a_comment_is_none(self):
        self.plant("src/trust/tpm/fine.cc", '// #include "sim/world/world.h"\n/*\n#include "sim/world/world.h"\n*/\n')
        self.assert_sound(arrows.check)

    def test_a_missing_header_is_found(self):
        self.plant("src/trust/tpm/bad.cc", '#include "trust/tpm/gone.h"\n')
        self.assert_found(arrows.check, "src/trust/tpm/bad.cc:1", "no file of this tree")

    def test_an_include_relative_to_the_file_is_found(self):
        self.plant("src/trust/tpm/bad.cc", '#include "quote.h"\n')
        self.assert_found(arrows.check, "src/trust/tpm/bad.cc", "must be written from src/")

    def test_a_private_header_stays_in_its_directory(self):
        self.plant("src/trust/crypto/key_held.h", HEADER)
        self.plant("src/trust/tpm/bad.cc", '#include "trust/crypto/key_held.h"\n')
        self.assert_found(arrows.check, "src/trust/tpm/bad.cc", "private to its directory")

    def test_product_code_never_includes_tests(self):
        self.plant("src/trust/tpm/bad.cc", '#include "skip.h"\n')
        self.assert_found(arrows.check, "src/trust/tpm/bad.cc", "only tests include")

    def test_a_folder_for_everything_is_found(self):
        self.plant("src/service/util/strings.h", HEADER)
        self.assert_found(arrows.check, "src/service/util/strings.h", "no 'util'")

    def test_a_directory_outside_the_table_is_found(self):
        self.plant("src/magic/wand.h", HEADER)
        self.assert_found(arrows.check, "src/magic/wand.h", "src/magic is not in the table")

    def test_a_trust_folder_without_arrows_of_its_own_is_found(self):
        self.plant("src/trust/magic/wand.h", HEADER)
        self.assert_found(arrows.check, "src/trust/magic/wand.h", "src/trust/magic is not in the table")


class DoorsTest(PlantedTest):
    def test_libssl_opens_only_in_linux_tls(self):
        self.plant("src/linux/http/bad.cc", "#include <openssl/ssl.h>\n")
        self.assert_found(doors.check, "src/linux/http/bad.cc", "libssl has its door in linux/tls")

    def test_libcrypto_stays_out_of_the_service(self):
        self.plant("src/service/claim/bad.cc", "#include <openssl/evp.h>\n")
        self.assert_found(doors.check, "src/service/claim/bad.cc", "libcrypto has its door")

    def test_a_foreign_header_in_a_public_header_is_found(self):
        self.plant("src/trust/crypto/bad.h", HEADER + "#include <openssl/evp.h>\n")
        self.assert_found(doors.check, "src/trust/crypto/bad.h", "private *_held.h")

    def test_a_foreign_header_in_a_private_header_is_fine(self):
        self.plant("src/trust/crypto/key_held.h", HEADER + "#include <openssl/evp.h>\n")
        self.assert_sound(doors.check)

    def test_an_unknown_library_is_found(self):
        self.plant("src/linux/tls/bad.cc", "#include <curl/curl.h>\n")
        self.assert_found(doors.check, "src/linux/tls/bad.cc", "belongs to no library")

    def test_sockets_and_threads_stay_in_the_adapters(self):
        self.plant("src/service/claim/a.cc", "#include <sys/socket.h>\n")
        self.assert_found(doors.check, "src/service/claim/a.cc", "the operating system")
        self.plant("src/service/claim/a.cc", "#include <thread>\n")
        self.assert_found(doors.check, "src/service/claim/a.cc", "reaches outside the program")

    def test_coroutines_are_found(self):
        self.plant("src/linux/tls/bad.cc", "#include <coroutine>\nTask f() { co_return; }\n")
        self.assert_found(doors.check, "src/linux/tls/bad.cc:1", "no coroutines")
        self.assert_found(purity.check, "src/linux/tls/bad.cc:2", "no coroutines")


class LinksTest(PlantedTest):
    def test_a_link_against_the_arrows_is_found(self):
        self.plant("src/trust/tpm/CMakeLists.txt", "holdfast_library(trust_tpm LINKS trust_crypto sim_world)\n")
        self.assert_found(links.check, "src/trust/tpm/CMakeLists.txt", "may not link sim_world")

    def test_an_include_without_its_link_is_found(self):
        self.plant("src/trust/tpm/CMakeLists.txt", "holdfast_library(trust_tpm LINKS base)\n")
        self.assert_found(links.check, "src/trust/tpm/quote.h", "does not link trust_crypto")

    def test_a_door_in_the_wrong_directory_is_found(self):
        self.plant("src/trust/tpm/CMakeLists.txt", "holdfast_library(trust_tpm LINKS trust_crypto DOOR OpenSSL::SSL)\n")
        self.assert_found(links.check, "src/trust/tpm/CMakeLists.txt", "no door to OpenSSL::SSL")

    def test_an_unknown_door_is_found(self):
        self.plant("src/trust/tpm/CMakeLists.txt", "holdfast_library(trust_tpm LINKS trust_crypto DOOR curl)\n")
        self.assert_found(links.check, "src/trust/tpm/CMakeLists.txt", "in no table")

    def test_a_library_with_another_name_is_found(self):
        self.plant("src/sim/world/CMakeLists.txt", "holdfast_library(simulation)\n")
        self.assert_found(links.check, "src/sim/world/CMakeLists.txt", "is called sim_world")


class PurityTest(PlantedTest):
    def test_reading_the_clock_while_deciding_is_found(self):
        self.plant("src/service/claim/bad.cc", "auto now = std::chrono::system_clock::now();\n")
        self.assert_found(purity.check, "src/service/claim/bad.cc", "system_clock::now")

    def test_the_adapters_may_read_the_clock(self):
        self.plant("src/linux/tls/clock.cc", "auto now = std::chrono::system_clock::now();\n")
        self.assert_sound(purity.check)

    def test_throwing_is_found_and_the_word_in_text_is_not(self):
        self.plant("src/trust/tpm/bad.cc", '// throw\nauto a = "throw";\nvoid f() { throw 1; }\n')
        self.assert_found(purity.check, "src/trust/tpm/bad.cc:3", "errors are values")

    def test_using_namespace_in_a_header_is_found(self):
        self.plant("src/trust/tpm/bad.h", HEADER + "using namespace std;\n")
        self.assert_found(purity.check, "src/trust/tpm/bad.h:3", "in a header")


if __name__ == "__main__":
    unittest.main()
