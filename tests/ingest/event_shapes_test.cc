// Shapes: few however many events there are, and bounded however many names come.

#include "ingest/event_shapes.h"

#include <string>

#include <gtest/gtest.h>

#include "support/event_builder.h"

namespace guardwatch {
namespace {

SourceOptions WithTwoDimensions() {
  SourceOptions source;
  source.name = "gateway";
  source.cohorts = {"lang", "tier"};
  return source;
}

EventShape& ShapeOf(EventShapes& shapes, EventBuilder& built) {
  const Event event = built.Build();
  return shapes.Resolve({.event = event,
                         .category = event.category,
                         .class_name = std::nullopt,
                         .log = 0,
                         .has_score = true,
                         .weight = std::nullopt});
}

TEST(EventShapesTest, EventsThatDifferOnlyInScoreAndRequestHaveOneShape) {
  const SourceOptions source = WithTwoDimensions();
  EventShapes shapes(source, {});
  EventBuilder a = EventBuilder::Scored("a", 0.1).Cohort({"de", "free"});
  EventBuilder b = EventBuilder::Scored("b", 0.9).Cohort({"de", "free"});
  EventBuilder c = EventBuilder::Scored("b", 0.9).Cohort({"de", "paid"});
  const ShapeId first = ShapeOf(shapes, a).id;
  EXPECT_EQ(ShapeOf(shapes, b).id, first);
  EXPECT_NE(ShapeOf(shapes, c).id, first);
}

TEST(EventShapesTest, BeyondTheMostThereMayBeEventsCountUnderOtherInEachDimension) {
  const SourceOptions source = WithTwoDimensions();
  EventShapes shapes(source, {}, 10);
  EventBuilder known = EventBuilder::Scored("a", 0.1).Cohort({"v0", "t0"});
  const EventShape before = ShapeOf(shapes, known);
  std::size_t greatest = 0;
  for (int i = 0; i < 300; ++i) {
    EventBuilder built = EventBuilder::Scored("r", 0.5).Cohort(
        {"v" + std::to_string(i % 20), "t" + std::to_string(i / 20)});
    greatest = std::max<std::size_t>(greatest, ShapeOf(shapes, built).id);
  }
  EXPECT_LE(greatest, 10u);
  EventBuilder late = EventBuilder::Scored("z", 0.5).Cohort({"v19", "t14"});
  const EventShape& folded = ShapeOf(shapes, late);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(shapes.names().definitions()[folded.series.slices[i]].key.slice.value, kOther);
  }
  EXPECT_EQ(folded.series.whole, before.series.whole) << "the total stays exact";
  EXPECT_GT(shapes.names().folded(), 0) << "and it is counted";
  EXPECT_EQ(ShapeOf(shapes, known).id, before.id) << "what has a place keeps it";
}

TEST(EventShapesTest, AThresholdOfItsOwnForEveryEventTakesNoShapes) {
  const SourceOptions source = WithTwoDimensions();
  EventShapes shapes(source, {});
  std::size_t greatest = 0;
  for (int i = 0; i < 5000; ++i) {
    EventBuilder built = EventBuilder::Scored("r", 0.5).Threshold(i / 5000.0);
    greatest = std::max<std::size_t>(greatest, ShapeOf(shapes, built).id);
  }
  EXPECT_LT(greatest, 300u);
}

TEST(EventShapesTest, LongPolicyVersionsShareOther) {
  const SourceOptions source = WithTwoDimensions();
  EventShapes shapes(source, {});
  EventBuilder a = EventBuilder::Scored("a", 0.5).Policy(std::string(129, 'a'));
  EventBuilder b = EventBuilder::Scored("b", 0.5).Policy(std::string(5000, 'b'));
  EXPECT_EQ(ShapeOf(shapes, a).policy_version, kOther);
  EXPECT_EQ(ShapeOf(shapes, b).id, ShapeOf(shapes, a).id);
}

}  // namespace
}  // namespace guardwatch
