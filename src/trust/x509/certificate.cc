#include "trust/x509/certificate.h"

#include <algorithm>

#include "base/text.h"
#include "trust/x509/certificate_held.h"

namespace holdfast::trust::x509 {
namespace {

constexpr std::size_t kNameTextBytesMax = 400;
constexpr std::string_view kLabel = "CERTIFICATE";

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, Freer<BIO_free>> out(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return "";
  const long size = BIO_get_mem_data(out.get(), &text);
  return printable({text, static_cast<std::size_t>(size)}, kNameTextBytesMax);
}

}  // namespace

std::optional<std::string> only_value(const X509_NAME* name, int nid) {
  const int first = X509_NAME_get_index_by_NID(name, nid, -1);
  if (first < 0 || X509_NAME_get_index_by_NID(name, nid, first) >= 0) return std::nullopt;
  std::uint8_t* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, first)));
  if (size < 0) return std::nullopt;
  std::string out(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

const Extension* Certificate::Held::extension(std::string_view oid) const {
  const auto at = std::ranges::find(extensions, oid, &Extension::oid);
  return at == extensions.end() ? nullptr : &*at;
}

Bytes Certificate::der() const { return held_->der; }
const Digest256& Certificate::sha256() const { return held_->sha256; }
const crypto::PublicKey& Certificate::public_key() const { return held_->key; }
Bytes Certificate::serial() const { return held_->serial; }
WallTime Certificate::not_before() const { return held_->not_before; }
WallTime Certificate::not_after() const { return held_->not_after; }
std::optional<std::string> Certificate::subject_organization() const {
  return only_value(X509_get_subject_name(held_->x509.get()), NID_organizationName);
}
std::optional<std::string> Certificate::subject_common_name() const {
  return only_value(X509_get_subject_name(held_->x509.get()), NID_commonName);
}
std::string Certificate::subject_text() const { return name_text(X509_get_subject_name(held_->x509.get())); }
std::string Certificate::issuer_text() const { return name_text(X509_get_issuer_name(held_->x509.get())); }
Bytes Certificate::subject_der() const { return held_->subject_der; }
Bytes Certificate::issuer_der() const { return held_->issuer_der; }
bool Certificate::is_ca() const { return held_->ca; }
bool Certificate::is_self_issued() const {
  return X509_NAME_cmp(X509_get_subject_name(held_->x509.get()), X509_get_issuer_name(held_->x509.get())) == 0;
}
const std::vector<std::string>& Certificate::uris() const { return held_->names.uris; }
const std::vector<std::string>& Certificate::dns_names() const { return held_->names.dns; }
const std::vector<Blob>& Certificate::addresses() const { return held_->names.addresses; }
const std::vector<std::string>& Certificate::extended_key_usages() const { return held_->extended_key_usages; }
std::optional<std::string> Certificate::crl_url() const { return held_->crl_url; }
Bytes Certificate::subject_key_identifier() const { return held_->subject_key_identifier; }
Bytes Certificate::authority_key_identifier() const { return held_->authority_key_identifier; }

Result<std::vector<Certificate>> read_certificates(std::string_view pem) {
  const std::vector<Blob> blocks = TRY(pem_blocks(pem, kLabel));
  if (blocks.empty()) return fail(Next::Rejected, kPemMalformed, "expected at least one certificate, saw none");
  std::vector<Certificate> out;
  out.reserve(blocks.size());
  for (const Blob& block : blocks) {
    auto certificate = parse_certificate(block);
    if (!certificate) return fail_within(cat("certificate ", out.size() + 1), std::move(certificate).error());
    out.push_back(std::move(*certificate));
  }
  return out;
}

std::string to_pem(const Certificate& certificate) { return to_pem(kLabel, certificate.der()); }

}  // namespace holdfast::trust::x509
