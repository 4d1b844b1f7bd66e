// What swtpm 0.7.1 and tpm2-tools 5.4 made on one machine, in hex: structures that nobody here encoded. The TPM was
// discarded afterwards. Only tests include this.
#pragma once

#include "base/encoding.h"

namespace holdfast::trust::tpm {

/// Persistent 0x81010001, as swtpm_setup makes it: template L-1.
inline constexpr std::string_view kGoldenEndorsementRsa =
    "0001000b000300b20020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa000600800043"
    "001008000000000001009593fb0fe3e2e35028db1f6b859bb80104e3b32395618d956ff8aae4571d17c1fb9e13c79d91"
    "98f4161c84a63595c34e22f76323bd8f61703589d8b4f8d810cbe2ec35f2620733b24ade160d56912db718d12cecf07d"
    "64dd30949d6195680876181208fc1b19d16b2ad28584e82db33b1722e8d2e5011e1cd8fd336705fcdf5f1404e1f1f155"
    "9e527d89a76a72e525a3d8e9f751b9b3ce27490929e8fe1dae9278c83e8ed7b6c11106d1187baadae02753e3f49bbffb"
    "3f16a3fb309a409814e1ed3034ba32314a6456774835c5eb3510e98f7b73e2fe29b304448bf5f349a65dc083ad61d283"
    "b558a5f91e3ecfb1dcca8351bb6680f7bd66fa7ec84d7f4a4cf7";

/// tpm2_createek -G ecc: template L-2.
inline constexpr std::string_view kGoldenEndorsementP256 =
    "0023000b000300b20020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa000600800043"
    "0010000300100020a6b0748f590c37a70f76fc194310b73458ef3d7a6bac1b7414fed349ea12e0b50020ffe807af6b98"
    "8f603fc676a32c6fe514310934a6b3f38a87700d32f4282010cc";

/// Persistent 0x81010016, as swtpm_setup makes it: template H-3.
inline constexpr std::string_view kGoldenEndorsementP384 =
    "0023000c000300f20030b26e7d28d11a50bc53d882bcf5fd3a1a074148bb35d3b4e4cb1c0ad9bde419cacb47ba096996"
    "46150f9fc000f3f80e120006010000430010000400100030975d415c0e7800c4268b63d88ab27e27131228e6f9c2a2cb"
    "04741eb59bc843ea60530ae3986bb57c6acd79e394020c8200304cd21f62f369e845f0704c2d23f2b72fcf9acf7148c6"
    "b0780246bf70d9165639520cb1bc480c306a1ff23b83cc9ff2b3";

/// tpm2_createak -G ecc -s ecdsa, its name, and a TLS key below the storage root.
inline constexpr std::string_view kGoldenAttestationKey =
    "0023000b00050072000000100018000b00030010002057ee7413e2bb08be0c9ca3453b59c9cdc4bc93d3bd08d61ac348"
    "a78804d0e5bc0020e60d3ecd9fcfa16c4d55dc3cd87c2dbb8ecc7a80465a9c28b6456e9a8ff71fdf";
inline constexpr std::string_view kGoldenAttestationKeyName =
    "000b9893b7792f3581d0017b753de788df02c7e0415aaf3442e4e2270ecba522bda9";
inline constexpr std::string_view kGoldenTlsKey =
    "0023000b00040072000000100010000300100020ed9ef2d1d3bc031f9b757ab8d500663d1b885f4210d5c41d16cf7b46"
    "fa7600a0002005b2a7262e7a14411aa581ecb9d5667fcbf4d4a50eede22a3a8aeb922dee4a49";

/// tpm2_quote of PCR 0 to 15 (SHA-256) with kGoldenQuoteQualifyingData.
inline constexpr std::string_view kGoldenQuote =
    "ff54434780180022000be9eb14a04c16eb14d93e8379d7f58dc45fbd337bb9c546b57be1a0831eece4f300204fe14b21"
    "a10afa86aedb49332adc4b573866246b3d9c46ffef3f28b23c7215a3000000000000054b000000020000000001201910"
    "230016363600000001000b03ffff000020bf9945c8c59b582ab1d0fb895f654fe8e40581d1da169789f78ed812e0d045"
    "56";
inline constexpr std::string_view kGoldenQuoteSignature =
    "0018000b0020f4da4a8fb8fd5d69a263284e4bc0ffd55bdc32ba5f9ce563c951c7ba8db3636d00206afb63117fe2964d"
    "8ec616d9d5277543f1144e5a1833b6bd67bf90c7adc40d0a";
inline constexpr std::string_view kGoldenQuoteQualifyingData =
    "4fe14b21a10afa86aedb49332adc4b573866246b3d9c46ffef3f28b23c7215a3";

/// tpm2_certify of the TLS key; its qualifying data is 00ff55aa.
inline constexpr std::string_view kGoldenCertification =
    "ff54434780170022000be9eb14a04c16eb14d93e8379d7f58dc45fbd337bb9c546b57be1a0831eece4f3000400ff55aa"
    "00000000000005d700000002000000000120191023001636360022000ba4590f6a1b68afef58ef30d8e4994a4944c7df"
    "d63ca44360c7ca5f0b33142dc90022000b9ee8c361ce57bffb368d2f213defac487145da79d02cf080c60fc85e24ae48"
    "14";
inline constexpr std::string_view kGoldenCertificationSignature =
    "0018000b0020c72df05121bb6598c55efff7a649b0d80175684be436eb4ea8979fedd716c946002030f4d1854ad54fe5"
    "13160525784ef9668dbff0c54a4edb980f8544670f96368c";

inline Blob golden(std::string_view hex) { return *from_hex(hex); }

}  // namespace holdfast::trust::tpm
