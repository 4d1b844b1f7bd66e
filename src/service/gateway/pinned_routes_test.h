// Every route with whom it admits and what it answers them, written out a second time on purpose: a new route fails
// until somebody has said here whom it admits.
#pragma once

#include <ostream>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/json/value.h"
#include "service/claim/release.h"
#include "service/est/enroll.h"
#include "service/est/settings.h"
#include "service/images/repository.h"
#include "service/moving/arrive.h"
#include "service/moving/leave.h"
#include "service/request.h"

namespace holdfast::service::gateway {

/// Whom a route lets in.
enum class Who { Anyone, Device, Read, Operate, Own, ReadAnywhere, ReadEverywhere, OwnEverywhere };

struct Expected {
  int status;
  std::string_view reason;  ///< empty: none
  friend bool operator==(const Expected&, const Expected&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Expected& expected) {
  return out << expected.status << ' ' << expected.reason;
}

/// What the caller who is let in is told when the body is broken: that it is broken, or, where there is none to read,
/// what there is.
inline constexpr Expected kBroken{400, json::kJsonMalformed.word()};
inline constexpr Expected kFine{200, ""};
inline constexpr Expected kNone{404, kNothingThere.word()};
inline constexpr Expected kWrong{400, kInputMalformed.word()};
inline constexpr Expected kOdd{400, kEncodingMalformed.word()};
inline constexpr Expected kEstOff{404, est::kEstOff.word()};
inline constexpr Expected kUnpublished{404, images::kRepositoryEmpty.word()};
inline constexpr Expected kOddFile{400, ports::kImageFileName.word()};
inline constexpr Expected kKeysStayHome{501, "keys-stay-home"};

struct Pinned {
  Port port;
  std::string_view method;
  std::string_view pattern;
  Who who;
  Expected answer;
};

inline constexpr Port kDevice = Port::Device;
inline constexpr Port kManagement = Port::Management;
inline constexpr Port kEst = Port::Est;

inline const std::vector<Pinned> kPinned = {
    {kDevice, "GET", "/v1/bootstrap/{catalog}", Who::Anyone, kFine},
    {kDevice, "POST", "/v1/enroll", Who::Anyone, kBroken},
    {kDevice, "POST", "/v1/enroll/proof", Who::Anyone, kBroken},
    {kDevice, "POST", "/v1/attest/challenge", Who::Anyone, kBroken},
    {kDevice, "POST", "/v1/attest", Who::Anyone, kBroken},
    {kDevice, "POST", "/v1/check-in", Who::Device, kBroken},
    {kDevice, "GET", "/v1/release/{catalog}/{device}", Who::Anyone, {404, claim::kReleaseUnknown.word()}},
    {kDevice, "POST", "/v1/release/confirm", Who::Anyone, kBroken},
    {kDevice, "GET", "/v1/crl/{catalog}/{file}", Who::Anyone, kNone},
    {kEst, "GET", "/.well-known/est/cacerts", Who::Anyone, kEstOff},
    {kEst, "GET", "/.well-known/est/csrattrs", Who::Anyone, kFine},
    {kEst, "POST", "/.well-known/est/simpleenroll", Who::Anyone, kEstOff},
    {kEst, "POST", "/.well-known/est/simplereenroll", Who::Device, kEstOff},
    {kEst, "POST", "/.well-known/est/serverkeygen", Who::Anyone, kKeysStayHome},
    {kEst, "GET", "/.well-known/est/{catalog}/cacerts", Who::Anyone, kEstOff},
    {kEst, "GET", "/.well-known/est/{catalog}/csrattrs", Who::Anyone, kFine},
    {kEst, "POST", "/.well-known/est/{catalog}/simpleenroll", Who::Anyone, {401, kCallerUnknown.word()}},
    {kEst, "POST", "/.well-known/est/{catalog}/simplereenroll", Who::Device, {400, est::kEstBodyMalformed.word()}},
    {kEst, "POST", "/.well-known/est/{catalog}/serverkeygen", Who::Anyone, kKeysStayHome},
    {kManagement, "GET", "/v1/catalogs/{catalog}/est", Who::Read, kFine},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/est", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/things", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/things", Who::Operate, kBroken},
    {kManagement, "DELETE", "/v1/catalogs/{catalog}/things/{thing}", Who::Operate, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/things/{thing}/certificates", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/leave", Who::Own, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/come-back", Who::Own, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/export", Who::Own, {409, moving::kNotLeft.word()}},
    {kManagement, "POST", "/v1/imports", Who::OwnEverywhere, kBroken},
    {kManagement, "PUT", "/v1/imports/{catalog}/pages/{number}", Who::Own, {404, moving::kImportUnknown.word()}},
    {kDevice, "GET", "/v1/ca/{catalog}/{file}", Who::Anyone, kNone},
    {kDevice, "GET", "/healthz", Who::Anyone, kFine},
    {kDevice, "GET", "/readyz", Who::Anyone, kFine},
    {kManagement, "GET", "/healthz", Who::Anyone, kFine},
    {kManagement, "GET", "/readyz", Who::Anyone, kFine},
    {kManagement, "GET", "/metrics", Who::ReadEverywhere, kFine},
    {kManagement, "POST", "/v1/owner-link", Who::Anyone, kBroken},
    {kManagement, "GET", "/v1/operators", Who::OwnEverywhere, kFine},
    {kManagement, "POST", "/v1/operators", Who::OwnEverywhere, kBroken},
    {kManagement, "GET", "/v1/operators/{operator}", Who::OwnEverywhere, kNone},
    {kManagement, "DELETE", "/v1/operators/{operator}", Who::OwnEverywhere, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/audit", Who::Read, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/audit/head", Who::Read, kFine},
    {kManagement, "GET", "/v1/service", Who::ReadAnywhere, kFine},
    {kManagement, "GET", "/v1/catalogs", Who::ReadAnywhere, kFine},
    {kManagement, "POST", "/v1/catalogs", Who::OwnEverywhere, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/authorities", Who::Own, kFine},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/authorities", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/authorities", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/authorities/{authority}/prepare", Who::Own, kWrong},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/authorities/{authority}/certificate", Who::Own, kBroken},
    {kManagement, "POST", "/v1/catalogs/{catalog}/authorities/{authority}/{number}/retire", Who::Own, kWrong},
    {kManagement, "POST", "/v1/catalogs/{catalog}/authorities/{authority}/{number}/distrust", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/owner-documents", Who::Read, kFine},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/root", Who::Own, kBroken},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/trust-policy", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/claims", Who::Read, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/claims/{ticket}", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/claims", Who::Operate, kBroken},
    {kManagement, "DELETE", "/v1/catalogs/{catalog}/claims/{ticket}", Who::Operate, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/factory-list", Who::Read, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/factory-list/{ek}", Who::Read, kOdd},
    {kManagement, "POST", "/v1/catalogs/{catalog}/factory-list", Who::Operate, {400, "list-malformed"}},
    {kManagement, "DELETE", "/v1/catalogs/{catalog}/factory-list/{ek}", Who::Operate, kOdd},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices", Who::Read, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices/{device}", Who::Read, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices/{device}/explain", Who::Read, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices/{device}/certificates", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/devices/{device}/hold", Who::Operate, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/devices/{device}/release-hold", Who::Operate, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/devices/{device}/move", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices/{device}/release", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/devices/{device}/release", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/certificates", Who::Read, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/certificates/{serial}", Who::Read, kOdd},
    {kManagement, "POST", "/v1/catalogs/{catalog}/certificates/{serial}/revoke", Who::Operate, kOdd},
    {kManagement, "GET", "/v1/catalogs/{catalog}/policies", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/policy-dry-run", Who::Read, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/policies/{policy}", Who::Read, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/policies/{policy}/versions", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/policies/{policy}", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/approvals", Who::Read, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/approvals/{number}", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/approvals/{number}/approve", Who::Operate, kBroken},
    {kManagement, "POST", "/v1/catalogs/{catalog}/approvals/{number}/reject", Who::Operate, kNone},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/approval-rules", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/reference-values", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/reference-values", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/reference-values/{id}", Who::Read, kOdd},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/reference-values/{id}/allowed", Who::Operate, kOdd},
    {kManagement, "DELETE", "/v1/catalogs/{catalog}/reference-values/{id}/allowed", Who::Operate, kOdd},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices/{device}/baseline", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/devices/{device}/baseline", Who::Operate, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/products", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/products", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/products/{product}", Who::Read, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/device-groups", Who::Read, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/device-groups/{product}/{group}", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/device-groups", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/webhooks", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/webhooks", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/webhooks/{webhook}", Who::Read, kNone},
    {kManagement, "DELETE", "/v1/catalogs/{catalog}/webhooks/{webhook}", Who::Own, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/webhooks/{webhook}/test", Who::Own, kNone},
    {kDevice, "GET", "/v1/director", Who::Device, kNone},
    {kDevice, "GET", "/v1/images/{catalog}/metadata/{file}", Who::Device, kUnpublished},
    {kDevice, "GET", "/v1/images/{catalog}/targets/{component}/{version}/{file}", Who::Device, kOddFile},
    {kManagement, "POST", "/v1/catalogs/{catalog}/director", Who::Own, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/image-repository", Who::Read, kNone},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/image-repository/{file}", Who::Operate, kFine},
    {kManagement, "GET", "/v1/catalogs/{catalog}/images", Who::Read, kUnpublished},
    {kManagement, "GET", "/v1/catalogs/{catalog}/image-files/{component}/{version}/{file}", Who::Read, kOddFile},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/image-files/{component}/{version}/{file}", Who::Operate, kOddFile},
    {kManagement, "GET", "/v1/catalogs/{catalog}/deployments", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/deployments", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/deployments/{number}", Who::Read, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/deployments/{number}/progress", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/deployments/{number}/pause", Who::Operate, kBroken},
    {kManagement, "POST", "/v1/catalogs/{catalog}/deployments/{number}/resume", Who::Operate, kBroken},
    {kManagement, "POST", "/v1/catalogs/{catalog}/deployments/{number}/abort", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices/{device}/direction", Who::Read, kNone},
    {kManagement, "GET", "/v1/catalogs/{catalog}/freezes", Who::Read, kFine},
    {kManagement, "POST", "/v1/catalogs/{catalog}/freezes", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/freezes/{number}", Who::Read, kNone},
    {kManagement, "POST", "/v1/catalogs/{catalog}/freezes/{number}/end", Who::Operate, kBroken},
    {kManagement, "GET", "/v1/catalogs/{catalog}/devices/{device}/pin", Who::Read, kNone},
    {kManagement, "PUT", "/v1/catalogs/{catalog}/devices/{device}/pin", Who::Operate, kBroken},
    {kManagement, "DELETE", "/v1/catalogs/{catalog}/devices/{device}/pin", Who::Operate, kNone},
};

}  // namespace holdfast::service::gateway
