#include "delta/make/labels.h"

#include <algorithm>

namespace holdfast::delta::make {
namespace {

using elf::Site;

constexpr std::uint64_t kOffsetSpace = std::uint64_t{1} << 60;  // where no address is

std::uint64_t key_of(const Site& site) { return elf::is_address(site.form) ? site.target : site.target | kOffsetSpace; }

void put_label(Blob& file, const Site& site, std::uint64_t target) {
  elf::put_word(&file[site.offset], static_cast<std::uint32_t>(target));
}

struct Vote {
  std::uint64_t key;
  std::uint64_t target;
  auto operator<=>(const Vote&) const = default;
};

}  // namespace

Result<std::vector<Site>> all_sites(const elf::SiteFinder& finder, Bytes file) {
  std::vector<Site> sites;
  elf::SiteList found;
  const elf::View view{file.data(), 0, static_cast<std::uint32_t>(file.size())};
  for (const elf::Section& section : finder.elf().sections) {
    for (std::uint32_t window = 0; window * std::uint64_t{elf::kWindowBytes} < section.length; ++window) {
      found.clear();
      finder.find(section, window, view, found);
      sites.insert(sites.end(), found.begin(), found.end());
    }
  }
  std::erase_if(sites, [&](const Site& site) { return site.offset + elf::width_of(site.form) > file.size(); });
  std::ranges::stable_sort(sites, {}, &Site::offset);
  return sites;
}

Votes::Votes(const std::vector<Site>& old_sites, const std::vector<Site>& new_sites,
             std::span<const format::Match> matches) {
  std::vector<Vote> votes;
  for (const format::Match& match : matches) {
    auto old_site = std::ranges::lower_bound(old_sites, match.old_begin, {}, &Site::offset);
    auto new_site = std::ranges::lower_bound(new_sites, match.new_begin, {}, &Site::offset);
    while (old_site != old_sites.end() && new_site != new_sites.end() && old_site->offset < match.old_end() &&
           new_site->offset < match.new_end()) {
      const std::uint32_t old_at = old_site->offset - match.old_begin;
      const std::uint32_t new_at = new_site->offset - match.new_begin;
      if (old_at == new_at && old_site->form == new_site->form) votes.push_back({key_of(*old_site), new_site->target});
      if (old_at <= new_at) ++old_site;
      if (new_at <= old_at) ++new_site;
    }
  }
  std::ranges::sort(votes);
  for (auto at = votes.begin(); at != votes.end();) {
    const std::uint64_t key = at->key;
    std::ptrdiff_t most = 0;
    while (at != votes.end() && at->key == key) {
      const auto next = std::find_if(at, votes.end(), [&](const Vote& vote) { return vote != *at; });
      if (next - at > most) {
        most = next - at;
        winners_[key] = at->target;
      }
      at = next;
    }
  }
}

const std::uint64_t* Votes::winner(const Site& site) const {
  const auto found = winners_.find(key_of(site));
  return found == winners_.end() ? nullptr : &found->second;
}

std::int64_t Votes::usual_shift(std::uint64_t begin, std::uint64_t end) const {
  std::unordered_map<std::int64_t, std::size_t> counts;
  for (const auto& [key, target] : winners_) {
    if (key >= begin && key < end) ++counts[static_cast<std::int64_t>(target - key)];
  }
  const auto most = std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
  return most == counts.end() ? 0 : most->first;
}

Blob label_old(Bytes file, const std::vector<Site>& sites, const Votes& votes, const elf::TargetMap& targets) {
  Blob labelled = to_blob(file);
  for (const Site& site : sites) {
    const std::uint64_t* voted = votes.winner(site);
    const std::uint64_t target = voted != nullptr ? *voted
                                 : elf::is_address(site.form)
                                     ? targets.new_address(site.target)
                                     : targets.new_offset(static_cast<std::uint32_t>(site.target));
    put_label(labelled, site, target);
  }
  return labelled;
}

Blob label_new(Bytes file, const std::vector<Site>& sites) {
  Blob labelled = to_blob(file);
  for (const Site& site : sites) put_label(labelled, site, site.target);
  return labelled;
}

}  // namespace holdfast::delta::make
