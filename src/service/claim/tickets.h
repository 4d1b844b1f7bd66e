// What lets a device into a catalog: a claim ticket, whose secret works once, or the owner's list of endorsement keys.
#pragma once

#include "ports/store/rows/claim.h"
#include "service/deps.h"
#include "service/request.h"
#include "wire/claim_ticket.h"

namespace holdfast::service::claim {

inline constexpr Reason kTicketUnknown{"ticket-unknown"};
inline constexpr Reason kTicketConsumed{"ticket-consumed"};
inline constexpr Reason kTicketExpired{"ticket-expired"};
inline constexpr Reason kTicketForAnother{"ticket-for-another-device"};
inline constexpr Reason kTicketNeeded{"ticket-needed"};
inline constexpr Reason kListMalformed{"list-malformed"};

inline constexpr Duration kTicketLifeMax = days(365);
inline constexpr std::size_t kListBytesMax = 1024 * 1024;

struct TicketOrder {
  std::string catalog;
  std::string product;
  std::string device_group;
  std::optional<std::string> device;  ///< re-enrolment of this device alone
  Duration life = days(7);
};

/// Makes a ticket; its secret leaves in the returned value and is kept as a digest.
Result<wire::ClaimTicket> create_ticket(ports::Transaction& tx, Deps& deps, const TicketOrder& order, const Caller& by,
                                        WallTime now);

/// The ticket that a secret opens, usable or not.
Result<ports::ClaimTicketRow> find_ticket(ports::Transaction& tx, std::string_view catalog, Bytes secret);
/// The ticket that a secret opens, if it may be used now by this device.
Result<ports::ClaimTicketRow> usable_ticket(ports::Transaction& tx, std::string_view catalog, Bytes secret,
                                            std::string_view device, WallTime now);

/// One line of a factory list: `ek_sha256,product,device_group[,label]`; `#` starts a comment. Every device group must
/// be there. All lines or none.
Result<std::vector<ports::ExpectedKeyRow>> read_factory_list(ports::Transaction& tx, std::string_view catalog,
                                                             std::string_view csv, WallTime now);
/// Puts its keys on the catalog's list. Whether they may be is decided in service/approval.
Result<int> add_expected_keys(ports::Transaction& tx, std::string_view catalog, std::string_view csv, const Caller& by,
                              WallTime now);

}  // namespace holdfast::service::claim
