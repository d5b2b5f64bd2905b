#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/decoder.h"

namespace {

std::atomic<std::int64_t> allocations{0};

void* CountedAllocation(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return CountedAllocation(size); }
void* operator new[](std::size_t size) { return CountedAllocation(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace guardwatch {
namespace {

TEST(JsonCodecMemory, DoesNotAllocateOnceItHasSeenTheLike) {
  const std::vector<std::string> payloads{
      ScoreWith(R"("verdict":"block","cohort":{"lang":"d\u0065","tier":7},"x":[1,[2,{"a":3}]])"),
      EventWith(R"("class_scores":{"a":0.1,"b":0.2,"c":0.3,"d":0.4,"a":0.5},"label":"a")"),
      EventWith(R"("label":"an \"escaped\" class")"),
      EventWith(R"("verdict":"allow","prompt":")" + std::string(6000, 'x') + '"'),
      EventWith(R"("score":7)"),
      "[1,2,{}]",
      "{\"guardrail\":\"\xff\"}",
      R"({"guardrail":)",
      ScoreWith(R"("x":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]])")};
  Decoder decoder;
  const std::int64_t before_first = allocations.load();
  for (const std::string& payload : payloads) decoder.Decode(payload);
  EXPECT_GT(allocations.load(), before_first) << "the counter must count";

  const std::int64_t before = allocations.load();
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    accepted += !decoder.Decode(payloads[static_cast<std::size_t>(i) % payloads.size()]);
  }
  EXPECT_EQ(allocations.load() - before, 0);
  EXPECT_GT(accepted, 40'000);
}

TEST(JsonCodecMemory, ViewsOutliveThePayload) {
  Decoder decoder;
  auto payload = std::make_unique<std::string>(ScoreWith(
      R"("category":"plain","model_version":"esc\u0061ped","label":"spam","cohort":{"tier":12.0})"));
  ASSERT_EQ(decoder.Decode(*payload), std::nullopt);
  payload->assign(payload->size(), '#');
  payload.reset();
  EXPECT_EQ(decoder.event.guardrail, "toxicity");
  EXPECT_EQ(decoder.event.category, "plain");
  EXPECT_EQ(decoder.event.model_version, "escaped");
  EXPECT_EQ(decoder.event.label->value.text, "spam");
  EXPECT_EQ(decoder.event.cohort[1].text, "12.0");
}

TEST(JsonCodecMemory, NothingOfAnEventIsLeftInTheNext) {
  Decoder decoder;
  const std::optional<RejectReason> full = decoder.Decode(
      R"({"guardrail":"toxicity","category":"hate","request_id":"r-1","time":1700000000,"score":0.9,)"
      R"("threshold":0.8,"verdict":"block","label":true,"label_revision":2,"sample_prob":0.5,)"
      R"("model_version":"v2","policy":"strict","policy_version":"p7","variant":"candidate",)"
      R"("cohort":{"lang":"de","tier":"free"},"latency_ms":12})");
  ASSERT_EQ(full, std::nullopt);
  ASSERT_EQ(decoder.Decode(R"({"guardrail":"spam","class_scores":{"a":0.25},"time":1700000001})"),
            std::nullopt);
  ASSERT_TRUE(decoder.event.class_vector);
  ASSERT_EQ(decoder.Decode(R"({"guardrail":"pii","score":0.5,"time":1700000002})"), std::nullopt);

  const Event& event = decoder.event;
  EXPECT_EQ(event.kind, EventKind::kScore);
  EXPECT_EQ(event.guardrail, "pii");
  EXPECT_EQ(event.request_id, "");
  EXPECT_EQ(event.category, "");
  EXPECT_EQ(event.model_version, "");
  EXPECT_EQ(event.policy, "");
  EXPECT_EQ(event.policy_version, "");
  EXPECT_EQ(event.variant, Variant::kLive);
  EXPECT_EQ(event.score, Score::FromProbability(0.5));
  EXPECT_TRUE(event.class_scores.empty());
  EXPECT_FALSE(event.class_vector);
  EXPECT_FALSE(event.threshold);
  EXPECT_FALSE(event.verdict);
  EXPECT_FALSE(event.label);
  EXPECT_FALSE(event.sample_prob);
  EXPECT_FALSE(event.latency_ms);
  ASSERT_EQ(event.cohort.size(), 2u);
  EXPECT_FALSE(event.cohort[0].present);
  EXPECT_FALSE(event.cohort[1].present);
}

TEST(JsonCodecMemory, EventsInDifferentBuffersAreIndependent) {
  Decoder decoder;
  std::array<DecodeBuffer, 4> buffers;
  std::array<Event, 4> events;
  const std::array<std::string, 4> payloads{
      ScoreWith(R"("category":"one","cohort":{"tier":"gold"})"),
      ScoreWith(R"("category":"tw\u006f","cohort":{"tier":"s\u0069lver"})"),
      EventWith(R"("class_scores":{"thr\u0065e":0.5})"), ScoreWith(R"("category":"f\u006fur")")};
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    ASSERT_EQ(decoder.codec.Decode(payloads[i], {}, buffers[i], events[i]), std::nullopt);
  }
  EXPECT_EQ(events[0].category, "one");
  EXPECT_EQ(events[0].cohort[1].text, "gold");
  EXPECT_EQ(events[1].category, "two");
  EXPECT_EQ(events[1].cohort[1].text, "silver");
  EXPECT_EQ(events[2].class_scores[0].name, "three");
  EXPECT_EQ(events[3].category, "four");
}

}  // namespace
}  // namespace guardwatch
