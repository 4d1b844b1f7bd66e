#include "delta/elf/references.h"

namespace holdfast::delta::elf {

References::References(SiteFinder finder, TargetMap targets)
    : finder_(std::move(finder)),
      targets_(std::move(targets)),
      new_symbols_begin_(targets_.new_offset(elf().symbols_begin)),
      new_strings_begin_(targets_.new_offset(elf().strings_begin)) {}

Result<References> References::make(const old::OldFile& file, std::span<const format::LoadShift> shifts,
                                    std::span<const format::Match> matches) {
  SiteFinder finder = TRY(SiteFinder::make(file));
  TargetMap targets(finder.elf(), shifts, matches);
  return References(std::move(finder), std::move(targets));
}

void References::predict_other(Prediction& made) const {
  const Site& site = made.site;
  const std::uint64_t target = is_address(site.form) ? targets_.new_address(site.target)
                                                     : targets_.new_offset(static_cast<std::uint32_t>(site.target));
  switch (site.form) {
    case Form::Relative32: made.operand = target - made.place - site.base; break;
    case Form::Back32: made.operand = made.place - target; break;
    case Form::Based32:
      made.base = targets_.new_address(site.base);
      made.operand = target - made.base;
      break;
    case Form::Absolute32:
    case Form::Absolute64:
    case Form::Offset64: made.operand = target; break;
    case Form::SymbolNumber32: made.operand = (target - new_symbols_begin_) / kSymbolBytes; break;
    case Form::StringOffset32: made.operand = target - new_strings_begin_; break;
  }
}

void References::learn(const Prediction& prediction, std::uint64_t operand) {
  const Site& site = prediction.site;
  switch (site.form) {
    case Form::Relative32: return targets_.learn(site.target, prediction.place + site.base + operand);
    case Form::Based32: return targets_.learn(site.target, prediction.base + operand);
    case Form::Absolute32:
    case Form::Absolute64: return targets_.learn(site.target, operand);
    default: return;
  }
}

}  // namespace holdfast::delta::elf
