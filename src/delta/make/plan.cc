#include "delta/make/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "delta/make/erofs.h"
#include "delta/make/matcher.h"
#include "delta/make/placed.h"

namespace holdfast::delta::make {
namespace {

using format::Extent;
using format::Match;

/// How alike two paths are: what they begin and end with.
std::size_t likeness(std::string_view a, std::string_view b) {
  const auto front = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  std::size_t back = 0;
  while (front + back < std::min(a.size(), b.size()) && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
  return front + back;
}

class Planning {
 public:
  Planning(Bytes old_image, Bytes new_image, const Progress& progress)
      : old_(old_image), new_(new_image), progress_(progress) {}

  Result<Plan> run() {
    std::vector<ImageFile> old_files = files_of_erofs(old_);
    std::vector<ImageFile> new_files = files_of_erofs(new_);
    if (old_files.empty() || new_files.empty()) {
      old_files = {{"", {{0, static_cast<std::uint32_t>(old_.size())}}}};
      new_files = {{"", {{0, static_cast<std::uint32_t>(new_.size())}}}};
    }
    pair_up(old_files, new_files);
    TRY(make_files(new_files));
    match_the_rest(old_files, new_files);
    lay_out();
    return std::move(plan_);
  }

 private:
  void pair_up(const std::vector<ImageFile>& old_files, const std::vector<ImageFile>& new_files) {
    std::map<std::string_view, const ImageFile*> by_path;
    for (const ImageFile& file : old_files) by_path[file.path] = &file;
    std::map<std::string_view, const ImageFile*> left = by_path;
    for (const ImageFile& file : new_files) left.erase(file.path);
    for (const ImageFile& file : new_files) {
      const auto same = by_path.find(file.path);
      const ImageFile* partner = same != by_path.end() ? same->second : most_alike(file, left);
      if (partner != nullptr) partners_.push_back({partner, &file});
    }
  }

  /// Of the files that have gone, the one whose path is most like this one's.
  static const ImageFile* most_alike(const ImageFile& file, const std::map<std::string_view, const ImageFile*>& left) {
    const ImageFile* best = nullptr;
    std::size_t most = file.path.size() / 2;
    for (const auto& [path, candidate] : left) {
      const std::size_t alike = likeness(path, file.path);
      if (alike <= most) continue;
      most = alike;
      best = candidate;
    }
    return best;
  }

  Result<void> make_files(const std::vector<ImageFile>& new_files) {
    std::uint64_t all = 0;
    std::uint64_t done = 0;
    for (const ImageFile& file : new_files) all += file.length();
    for (const auto& [from, to] : partners_) {
      TRY(make_file(*from, *to));
      done += to->length();
      if (progress_) progress_(done, all);
    }
    return {};
  }

  Result<void> make_file(const ImageFile& from, const ImageFile& to) {
    const Blob old_file = gather(old_, from.extents);
    const Blob new_file = gather(new_, to.extents);
    if (old_file == new_file) {
      const Match whole{0, 0, static_cast<std::uint32_t>(new_file.size())};
      place_matches({&whole, 1}, from.extents, to.extents, 0, plan_.matches);
      return {};
    }
    FileDelta delta = TRY(make_file_delta(old_file, new_file));
    if (delta.kind == format::Kind::Plain) {
      place_matches(delta.matches, from.extents, to.extents, 0, plan_.matches);
    } else {
      plan_.files.push_back({from.extents, to.extents, std::move(delta)});
    }
    return {};
  }

  /// Inodes, names, and what else is in no file.
  void match_the_rest(const std::vector<ImageFile>& old_files, const std::vector<ImageFile>& new_files) {
    const Extents old_rest = rest_of(old_.size(), extents_of(old_files));
    const Extents new_rest = rest_of(new_.size(), extents_of(new_files));
    place_matches(find_matches(gather(old_, old_rest), gather(new_, new_rest)), old_rest, new_rest, 0, plan_.matches);
  }

  static Extents extents_of(const std::vector<ImageFile>& files) {
    Extents extents;
    for (const ImageFile& file : files) extents.insert(extents.end(), file.extents.begin(), file.extents.end());
    return extents;
  }

  /// A file's second extent is made by its references as well if it comes after the first and before another file's.
  void lay_out() {
    for (std::size_t i = 0; i < plan_.files.size(); ++i) {
      plan_.stretches.push_back({plan_.files[i].new_extents.front(), i, false});
    }
    std::ranges::sort(plan_.stretches, {}, [](const Stretch& stretch) { return stretch.at.begin; });
    std::vector<Stretch> laid;
    for (std::size_t i = 0; i < plan_.stretches.size(); ++i) {
      laid.push_back(plan_.stretches[i]);
      const RewrittenFile& file = plan_.files[plan_.stretches[i].file];
      if (file.new_extents.size() < 2) continue;
      const Extent second = file.new_extents[1];
      const std::uint64_t limit = i + 1 < plan_.stretches.size() ? plan_.stretches[i + 1].at.begin : new_.size();
      if (second.begin > plan_.stretches[i].at.begin && second.begin < limit) {
        laid.push_back({second, plan_.stretches[i].file, true});
      } else {
        place_matches(file.delta.matches, file.old_extents, file.new_extents, file.new_extents[0].length,
                      plan_.matches);
      }
    }
    plan_.stretches = std::move(laid);
    tidy_matches(plan_.matches);
  }

  Bytes old_;
  Bytes new_;
  const Progress& progress_;
  std::vector<std::pair<const ImageFile*, const ImageFile*>> partners_;
  Plan plan_;
};

}  // namespace

Result<Plan> make_plan(Bytes old_image, Bytes new_image, const Progress& progress) {
  return Planning(old_image, new_image, progress).run();
}

Plan make_plan_of_whole(Bytes old_image, Bytes new_image) { return {{}, {}, find_matches(old_image, new_image)}; }

}  // namespace holdfast::delta::make
