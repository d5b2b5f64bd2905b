#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/decoder.h"

namespace guardwatch {
namespace {

// One record per file, named NN-REASON-WHAT.bin: what a topic that carries scores and decisions,
// but no labels, must reject, without a record timestamp.
struct PoisonRecord {
  std::string name;
  std::string reason;
  std::string payload;
};

std::vector<PoisonRecord> LoadCorpus() {
  std::vector<PoisonRecord> records;
  const auto folder = std::filesystem::path(GUARDWATCH_SOURCE_DIR) / "tests/data/poison";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string name = entry.path().stem();
    const std::size_t begin = name.find('-') + 1;
    records.push_back({name, name.substr(begin, name.find('-', begin) - begin),
                       std::string(std::istreambuf_iterator<char>(file), {})});
  }
  std::sort(records.begin(), records.end(),
            [](const PoisonRecord& a, const PoisonRecord& b) { return a.name < b.name; });
  return records;
}

TEST(PoisonCorpus, EachRecordIsRejectedForTheReasonInItsNameAndHarmsNoOther) {
  Decoder decoder;
  decoder.context.carries = {.scores = true, .decisions = true, .labels = false};
  const std::string good = ScoreWith(R"("category":"n\u00f6","cohort":{"lang":"de"})");
  for (const PoisonRecord& record : LoadCorpus()) {
    const auto reason = decoder.Decode(record.payload);
    EXPECT_TRUE(reason && ToString(*reason) == record.reason)
        << record.name << " gave " << (reason ? ToString(*reason) : "an event");
    ASSERT_EQ(decoder.Decode(good), std::nullopt) << "after " << record.name;
    EXPECT_EQ(decoder.event.guardrail, "toxicity");
    EXPECT_EQ(decoder.event.category, "n\u00f6");
    EXPECT_EQ(decoder.event.score->q, kScoreOne / 2);
    EXPECT_FALSE(decoder.event.verdict || decoder.event.label || decoder.event.threshold);
    EXPECT_EQ(decoder.event.cohort[0].text, "de");
  }
}

TEST(PoisonCorpus, HoldsEveryReasonTheCodecGives) {
  std::set<std::string> reasons;
  const std::vector<PoisonRecord> corpus = LoadCorpus();
  for (const PoisonRecord& record : corpus) reasons.insert(record.reason);
  EXPECT_GE(corpus.size(), 50u);
  EXPECT_EQ(reasons.size(), static_cast<std::size_t>(kRejectReasons) - 1)
      << "all but future_timestamp, which needs a clock";
}

}  // namespace
}  // namespace guardwatch
