#include "expose/window_context.h"

#include <gtest/gtest.h>

#include "expose/reference_json.h"
#include "support/snapshot_builder.h"

namespace guardwatch {
namespace {

using std::chrono::hours;

SeriesKey Key(std::string version, Slice slice = {}) {
  return {{"gateway", "toxicity", ""}, std::move(version), Variant::kLive, std::move(slice)};
}

SeriesWindow Window(SeriesKey key, Duration length, WindowViewKind view, std::string_view end,
                    Aggregate total) {
  return {std::move(key), {length, view, At(end), std::move(total)}};
}

Aggregate Events(int m, int scale) {
  return AggregateBuilder(m)
      .Scores(60 * scale, 0.1)
      .Scores(40 * scale, 0.9)
      .Labels(30 * scale, 0.1, false)
      .Labels(20 * scale, 0.9, true)
      .Build();
}

constexpr int kFine = score_grid::kFine;
constexpr WindowViewKind kMatured = WindowViewKind::kMatured;
constexpr WindowViewKind kCurrent = WindowViewKind::kCurrent;

std::string ReferenceText(const SeriesWindow& live, const RolledWindow* reference) {
  JsonWriter json;
  json.BeginObject();
  WriteReference(json, live.window, reference);
  json.EndObject();
  return json.Take();
}

TEST(WindowContext, TheReferenceIsTheLongestMaturedWindowOfTheWholeOverAllVersions) {
  const std::vector<SeriesWindow> windows{
      Window(Key("v1"), hours(1), kMatured, "2026-11-22T10:00:00Z", Events(kFine, 1)),
      Window(Key("v1"), hours(24), kMatured, "2026-11-22T10:00:00Z", Events(kFine, 10)),
      Window(Key("v1"), hours(24), kCurrent, "2026-11-22T11:00:00Z", Events(kFine, 11)),
      Window(Key("v1", {"lang", "de"}), hours(1), kMatured, "2026-11-22T10:00:00Z", Events(4, 1)),
      Window(Key("v2"), hours(24), kMatured, "2026-11-22T10:00:00Z", Events(kFine, 5))};
  const std::vector<WindowRef> all = AllWindows(windows);
  const WindowContexts contexts(all);
  for (const WindowRef& ref : all) {
    const RolledWindow* reference = contexts.Of(ref).reference;
    ASSERT_NE(reference, nullptr);
    EXPECT_EQ(reference->window.window, hours(24));
    EXPECT_EQ(reference->window.view, kMatured);
    EXPECT_EQ(reference->model_versions, (std::vector<std::string>{"v1", "v2"}));
    EXPECT_EQ(reference->window.total->scored, 1500);
  }
  ASSERT_EQ(contexts.Of(all[0]).dimensions.size(), 1u);
  EXPECT_EQ(contexts.Of(all[0]).dimensions[0].dimension, "lang");
  EXPECT_TRUE(contexts.Of(all[1]).dimensions.empty());
}

TEST(WindowContext, AWindowWithinItsReferenceIsTakenOutOfIt) {
  const std::vector<SeriesWindow> windows{
      Window(Key("v1"), hours(1), kMatured, "2026-11-22T10:00:00Z", Events(kFine, 1)),
      Window(Key("v1"), hours(24), kMatured, "2026-11-22T10:00:00Z", Events(kFine, 10)),
      Window(Key("v1", {"lang", "de"}), hours(1), kMatured, "2026-11-22T10:00:00Z", Events(4, 1))};
  const std::vector<WindowRef> all = AllWindows(windows);
  const WindowContexts contexts(all);
  const RolledWindow* reference = contexts.Of(all[0]).reference;
  for (const std::size_t within : {0u, 2u}) {
    const std::string text = ReferenceText(windows[within], reference);
    EXPECT_NE(text.find(R"("without_this_window":true,"scored":900,"labeled":450)"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"("wasserstein":{"value":0,)"), std::string::npos) << text;
  }
  // The reference itself leaves nothing to be held against.
  EXPECT_NE(ReferenceText(windows[1], reference)
                .find(R"("expected_recall":{"value":null,"reason":"no_data","n":0})"),
            std::string::npos);
}

TEST(WindowContext, AWindowThatReachesIntoItsReferenceHasNoDistance) {
  const std::vector<SeriesWindow> windows{
      Window(Key("v1"), hours(24), kMatured, "2026-11-22T10:00:00Z", Events(kFine, 10)),
      Window(Key("v1"), hours(24), kCurrent, "2026-11-22T11:00:00Z", Events(kFine, 10))};
  const std::vector<WindowRef> all = AllWindows(windows);
  const WindowContexts contexts(all);
  const std::string text = ReferenceText(windows[1], contexts.Of(all[1]).reference);
  EXPECT_NE(text.find(R"("wasserstein":{"value":null,"reason":"overlap","n":1000})"),
            std::string::npos);
  EXPECT_EQ(text.find(R"("expected_recall":{"value":null)"), std::string::npos);
}

TEST(WindowContext, WithoutMaturedWindowsThereIsNoReference) {
  const std::vector<SeriesWindow> windows{
      Window(Key("v1"), hours(1), kCurrent, "2026-11-22T10:00:00Z", Events(kFine, 1))};
  const std::vector<WindowRef> all = AllWindows(windows);
  const WindowContexts contexts(all);
  EXPECT_EQ(ReferenceText(windows[0], contexts.Of(all[0]).reference), R"({"reference":null})");
}

}  // namespace
}  // namespace guardwatch
