#include "expose/window_context.h"

#include <utility>

namespace guardwatch {

WindowContexts::WindowContexts(const std::vector<WindowRef>& all) : all_(all) {
  std::map<std::pair<UnitKey, Variant>, std::vector<WindowRef>> longest;
  for (const WindowRef& ref : all) {
    const auto& [key, window] = ref;
    if (!key->slice.whole()) {
      SeriesKey whole = *key;
      whole.slice = Slice{};
      auto& dimensions = parts_[{std::move(whole), window->window, window->view}];
      if (dimensions.empty() || dimensions.back().dimension != key->slice.dimension) {
        dimensions.push_back({key->slice.dimension, {}});  // Series are sorted by slice.
      }
      dimensions.back().parts.push_back(&*window->total);
      continue;
    }
    if (window->view != WindowViewKind::kMatured) continue;
    auto& refs = longest[{key->unit, key->variant}];
    if (!refs.empty() && refs.front().window->window > window->window) continue;
    if (!refs.empty() && refs.front().window->window < window->window) refs.clear();
    refs.push_back(ref);
  }
  for (auto& [unit, refs] : longest) references_.emplace(unit, RollUp(refs).front());
}

WindowContext WindowContexts::Of(const WindowRef& window) const& {
  WindowContext context;
  context.classes = ClassesOf(all_, window);
  const auto reference = references_.find({window.key->unit, window.key->variant});
  if (reference != references_.end()) context.reference = &reference->second;
  const auto parts = parts_.find({*window.key, window.window->window, window.window->view});
  if (parts != parts_.end()) context.dimensions = parts->second;
  return context;
}

}  // namespace guardwatch
