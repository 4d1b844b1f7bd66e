#include "ports/store/migration.h"
#include "ports/store/rows/access.h"
#include "ports/store/rows/approval.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/device.h"
#include "ports/store/rows/est.h"
#include "ports/store/rows/kept_answer.h"
#include "ports/store/rows/moving.h"
#include "ports/store/rows/policy.h"
#include "ports/store/rows/update.h"
#include "ports/store/rows/webhook.h"

namespace holdfast::ports {
namespace {

const std::vector<Migration>& first_migrations() {
  static const std::vector<Migration> kFirst = {
      {1,
       "catalogs, devices, attestation, certificates, policies, operators, audit",
       {CreateTable{&CatalogRow::first_schema()},
        CreateTable{&OwnerDocumentRow::schema()},
        CreateTable{&ProductRow::schema()},
        CreateTable{&DeviceGroupRow::schema()},
        CreateTable{&DeviceRow::first_schema()},
        CreateTable{&ClaimTicketRow::schema()},
        CreateTable{&ExpectedKeyRow::schema()},
        CreateTable{&EnrollChallengeRow::schema()},
        CreateTable{&NonceRow::schema()},
        CreateTable{&AppraisalRow::schema()},
        CreateTable{&EvidenceRow::schema()},
        CreateTable{&KeyRow::first_schema()},
        CreateTable{&CertificateRow::first_schema()},
        CreateTable{&PolicyRow::schema()},
        CreateTable{&ReferenceSetRow::schema()},
        CreateTable{&AllowedReferenceRow::first_schema()},
        CreateTable{&OperatorRow::schema()},
        CreateTable{&OwnerLinkRow::schema()},
        CreateTable{&SettingRow::schema()},
        CreateTable{&AuditRow::schema()},
        CreateTable{&AuditHeadRow::schema()}}},
      {2,
       "revocation lists that are kept",
       {CreateTable{&RevocationListRow::schema()}, CreateTable{&RevocationListPartRow::schema()},
        CreateTable{&RevocationChangeRow::schema()}}},
      {3, "webhooks", {CreateTable{&WebhookRow::schema()}, CreateTable{&WebhookEventRow::schema()}}},
      {4,
       "changes that wait for approval, and catalogs that ask for the release key's signature",
       {CreateTable{&ApprovalRow::schema()}, AddColumn{&CatalogRow::schema(), 6}}},
      {5, "what devices reported of forks in the audit log", {CreateTable{&ForkReportRow::schema()}}},
      {6, "EST, and things without a vault", {CreateTable{&EstRow::schema()}, CreateTable{&ThingRow::schema()}}},
      {7, "devices that are let go", {CreateTable{&ReleaseRow::schema()}}},
      {8, "catalogs that move", {CreateTable{&ImportRow::schema()}}},
      {9,
       "answers kept for Idempotency-Key, and what lists of the management interface are filtered by",
       {CreateTable{&KeptAnswerRow::schema()}, AddIndex{&DeviceRow::schema(), 2},
        AddIndex{&AllowedReferenceRow::schema(), 0}}},
      {10,
       "authorities that are announced, overlap and are retired",
       {AddColumn{&KeyRow::schema(), 8}, AddColumn{&CertificateRow::schema(), 11},
        CreateTable{&FormerAuthorityRow::schema()}}},
      {11,
       "the image repository, deployments, and what devices are to have",
       {CreateTable{&RepositoryDocumentRow::schema()}, CreateTable{&RepositoryRow::first_schema()},
        CreateTable{&DeploymentRow::first_schema()}, CreateTable{&PinRow::schema()},
        CreateTable{&DirectionRow::first_schema()}, CreateTable{&UpdateReportRow::schema()},
        CreateTable{&ImageCountsRow::schema()}, CreateTable{&TrialRow::schema()}, CreateTable{&TallyRow::schema()}}},
  };
  return kFirst;
}

/// Each changes one table at most that may be in use.
const std::vector<Migration>& later_migrations() {
  static const std::vector<Migration> kLater = {
      {12,
       "versions that were withdrawn, and freezes",
       {AddColumn{&RepositoryRow::schema(), 7}, CreateTable{&FreezeRow::schema()}}},
      {13, "what deployments let devices run", {AddColumn{&DeploymentRow::schema(), 15}}},
      {14, "which deployments' images a device may hold", {AddColumn{&DirectionRow::schema(), 5}}},
      {15, "what owns devices' chips, sealed to their owner", {AddColumn{&DeviceRow::schema(), 19}}},
  };
  return kLater;
}

}  // namespace

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> kAll = [] {
    std::vector<Migration> all = first_migrations();
    all.insert(all.end(), later_migrations().begin(), later_migrations().end());
    return all;
  }();
  return kAll;
}

}  // namespace holdfast::ports
