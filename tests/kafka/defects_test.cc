#include "kafka/defects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(KafkaDefects, AreThoseThatTheVersionStillHas) {
  EXPECT_THAT(KnownDefects(0x020002ff), Contains(HasSubstr("2.1.0")));
  EXPECT_THAT(KnownDefects(0x020002ff), Contains(HasSubstr("2.11.0")));
  EXPECT_THAT(KnownDefects(0x020100ff), Not(Contains(HasSubstr("2.1.0"))));
  EXPECT_THAT(KnownDefects(0x020100ff), Contains(HasSubstr("2.2.0")));
  EXPECT_THAT(KnownDefects(0x020e02ff), IsEmpty());
}

TEST(KafkaDefects, GoWithTheVersionThatRuns) {
  EXPECT_GE(KafkaLibraryVersion(), 0x020002ff);
  EXPECT_THAT(KafkaLibraryVersionText(), Not(IsEmpty()));
}

}  // namespace
}  // namespace guardwatch
