#include <algorithm>
#include <bit>

#include "base/text.h"
#include "trust/x509/certificate_held.h"
#include "trust/x509/form.h"
#include "trust/x509/names.h"

namespace holdfast::trust::x509 {
namespace {

std::unexpected<Error> broken(const Certificate& ca, std::string_view rule) {
  return fail(Next::Rejected, kChainConstraint,
              cat("expected ", rule, " (RFC 5280 §4.2.1.10), saw otherwise in '", ca.subject_text(), "'"));
}

/// An address and its mask, the ones of the mask all before its zeros.
bool is_network(Bytes value) {
  if (value.size() != 8 && value.size() != 32) return false;
  bool ended = false;
  for (const std::uint8_t byte : value.subspan(value.size() / 2)) {
    const int ones = std::countl_one(byte);
    if (ended ? byte != 0 : std::popcount(byte) != ones) return false;
    ended = ended || ones < 8;
  }
  return true;
}

bool is_domain(std::string_view text) { return is_host(text.starts_with('.') ? text.substr(1) : text); }

bool is_well_formed(const GENERAL_NAME* base) {
  switch (base->type) {
    case GEN_DNS: return ASN1_STRING_length(base->d.dNSName) == 0 || is_host(text_of(base->d.dNSName));
    case GEN_EMAIL: {
      const std::string text = text_of(base->d.rfc822Name);
      return text.contains('@') ? is_mailbox(text) : is_domain(text);
    }
    case GEN_URI: return is_domain(text_of(base->d.uniformResourceIdentifier));
    case GEN_IPADD: return is_network(bytes_of(base->d.iPAddress));
    default: return true;  // OpenSSL refuses names of the kinds that it cannot compare
  }
}

std::vector<const GENERAL_NAME*> bases(const STACK_OF(GENERAL_SUBTREE) * subtrees) {
  std::vector<const GENERAL_NAME*> out;
  out.reserve(static_cast<std::size_t>(std::max(0, sk_GENERAL_SUBTREE_num(subtrees))));
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); ++i) {
    out.push_back(sk_GENERAL_SUBTREE_value(subtrees, i)->base);
  }
  return out;
}

/// OpenSSL compares `*.example.com` as text, so that an excluded `bar.example.com` lets it pass.
bool excludes_a_wildcard(const std::vector<const GENERAL_NAME*>& excluded, const Certificate& leaf) {
  return std::ranges::any_of(leaf.dns_names(), [&](const std::string& name) {
    if (!name.starts_with("*.")) return false;
    return std::ranges::any_of(excluded, [&](const GENERAL_NAME* base) {
      return base->type == GEN_DNS && lies_in(text_of(base->d.dNSName), std::string_view(name).substr(2));
    });
  });
}

}  // namespace

Result<void> require_constraints(const std::vector<Certificate>& path) {
  for (const Certificate& ca : path) {
    const NAME_CONSTRAINTS* constraints = ca.held().constraints.get();
    if (constraints == nullptr) continue;
    const auto permitted = bases(constraints->permittedSubtrees);
    const auto excluded = bases(constraints->excludedSubtrees);
    if (permitted.empty() && excluded.empty()) return broken(ca, "name constraints that constrain");
    if (!std::ranges::all_of(permitted, is_well_formed) || !std::ranges::all_of(excluded, is_well_formed)) {
      return broken(ca, "well-formed name constraints");
    }
    if (excludes_a_wildcard(excluded, path.front())) return broken(ca, "no wildcard over an excluded name");
  }
  return {};
}

}  // namespace holdfast::trust::x509
