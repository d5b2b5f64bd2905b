// The index that finds what waits for a label, held against a plain multimap.

#include "ingest/request_index.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using Ref = RequestIndex::Ref;

// An index whose hashes are chosen by the test.
class Indexed {
 public:
  explicit Indexed(int part_bits) : index_(part_bits) {}

  void Insert(std::uint64_t hash) {
    hashes_.push_back(hash);
    const auto ref = static_cast<Ref>(hashes_.size() - 1);
    expected_.emplace(hash, ref);
    index_.Insert(hash, ref, *this);
  }
  // As the index wants to know the entries.
  std::uint64_t HashOf(Ref ref) const { return hashes_[ref]; }
  void AskFor(Ref) const {}
  template <class Visit>
  void ForEach(Visit&& visit) const {
    for (const auto& [hash, ref] : expected_) visit(ref);
  }
  void RemoveAny(std::mt19937_64& random) {
    auto at = expected_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random() % expected_.size()));
    index_.Remove(at->first, at->second);
    expected_.erase(at);
  }
  std::vector<Ref> Find(std::uint64_t hash) const {
    std::vector<Ref> found;
    index_.ForEach(hash, [&](Ref ref) {
      if (hashes_[ref] == hash) found.push_back(ref);
    });
    std::sort(found.begin(), found.end());
    return found;
  }
  std::vector<Ref> Expected(std::uint64_t hash) const {
    std::vector<Ref> refs;
    const auto [first, last] = expected_.equal_range(hash);
    for (auto at = first; at != last; ++at) refs.push_back(at->second);
    std::sort(refs.begin(), refs.end());
    return refs;
  }
  std::size_t size() const { return expected_.size(); }
  const RequestIndex& index() const { return index_; }
  std::uint64_t hash(std::size_t ref) const { return hashes_[ref]; }
  std::size_t inserted() const { return hashes_.size(); }

 private:
  RequestIndex index_;
  std::vector<std::uint64_t> hashes_;
  std::multimap<std::uint64_t, Ref> expected_;
};

// Entries 0 to n - 1 of an index.
struct Noted {
  const std::vector<std::uint64_t>& hashes;
  Ref n = 0;

  std::uint64_t HashOf(Ref ref) const { return hashes[ref]; }
  void AskFor(Ref) const {}
  template <class Visit>
  void ForEach(Visit&& visit) const {
    for (Ref ref = 0; ref < n; ++ref) visit(ref);
  }
};

TEST(RequestIndexTest, AllAtOnceEndsAsItWouldHaveGrown) {
  constexpr unsigned kSeed = 20261126;
  SCOPED_TRACE(kSeed);
  for (const Ref n : {0u, 1u, 21u, 1000u, 200'000u}) {
    std::mt19937_64 random(kSeed);
    std::vector<std::uint64_t> hashes(n);
    for (std::uint64_t& hash : hashes) hash = random();
    RequestIndex grown(3);
    for (Ref i = 0; i < n; ++i) grown.Insert(hashes[i], i, Noted{hashes, i + 1});
    RequestIndex at_once(3);
    at_once.InsertAll(Noted{hashes, n});
    EXPECT_EQ(at_once.size(), grown.size());
    EXPECT_EQ(at_once.bytes(), grown.bytes()) << n;
    for (Ref i = 0; i < n; ++i) {
      for (const RequestIndex* index : {&grown, &at_once}) {
        int found = 0;
        index->ForEach(hashes[i], [&](Ref ref) { found += ref == i ? 1 : 0; });
        ASSERT_EQ(found, 1) << i << " of " << n;
      }
    }
  }
}

TEST(RequestIndexTest, EntriesOfOneRequestDoNotMakeTheOthersPartsGrow) {
  std::mt19937_64 random(11);
  std::vector<std::uint64_t> hashes;
  RequestIndex index(10);
  const auto insert = [&](std::uint64_t hash) {
    hashes.push_back(hash);
    const auto n = static_cast<Ref>(hashes.size());
    index.Insert(hash, n - 1, Noted{hashes, n});
  };
  for (int i = 0; i < 1000; ++i) insert(random());
  const std::size_t before = index.bytes();
  for (int i = 0; i < 1000; ++i) insert(42);
  EXPECT_LT(index.bytes(), before + 64 * 256);  // One part's.
  for (int i = 0; i < 20; ++i) insert(43);      // Another's, beside a large one.
  EXPECT_LT(index.bytes(), before + 2 * 64 * 256);

  // The others grow together past the two, and everything is there once.
  for (int i = 0; i < 100'000; ++i) insert(random());
  EXPECT_GT(index.bytes(), 4 * before);
  EXPECT_EQ(index.size(), hashes.size());
  std::vector<int> found(hashes.size());
  std::set<std::uint64_t> looked_for(hashes.begin(), hashes.end());
  for (const std::uint64_t hash : looked_for) {
    index.ForEach(hash, [&](Ref ref) { found[ref] += hashes[ref] == hash ? 1 : 0; });
  }
  EXPECT_EQ(std::count(found.begin(), found.end(), 1), std::ssize(found));
}

TEST(RequestIndexTest, FindsExactlyWhatIsThereHoweverItCameAndWent) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Indexed indexed(static_cast<int>(seed % 4));
    // Few distinct hashes and hashes with the same home make collisions the rule.
    const auto a_hash = [&] {
      const std::uint64_t any = random();
      return seed % 3 == 0 ? any & 0xff000000000000ffULL : any;
    };
    for (int step = 0; step < 3000; ++step) {
      const bool grow = random() % 100 < (step < 1500 ? 60u : 40u);
      if (grow || indexed.size() == 0) {
        indexed.Insert(a_hash());
      } else {
        indexed.RemoveAny(random);
      }
      const std::uint64_t known = indexed.hash(random() % indexed.inserted());
      ASSERT_EQ(indexed.Find(known), indexed.Expected(known));
      const std::uint64_t absent = random();
      ASSERT_EQ(indexed.Find(absent), indexed.Expected(absent));
      ASSERT_EQ(indexed.index().size(), indexed.size());
    }
  }
}

TEST(RequestIndexTest, ASearchEndsWhereEveryBucketHasBeenPassedBy) {
  // Two buckets, all but one entry at home in the first, then all but one in the second.
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    Indexed indexed(0);
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t half = (random() % 2) << 51;
      if (indexed.size() < 18) {
        indexed.Insert(half | (random() << 56));
      } else {
        indexed.RemoveAny(random);
      }
      const std::uint64_t absent = half | (1ULL << 50) | (random() << 56);
      ASSERT_EQ(indexed.Find(absent), indexed.Expected(absent));
    }
  }
}

TEST(RequestIndexTest, MoreEntriesOfOneRequestThanSixteenBitsCountAreFoundAndGoOneByOne) {
  constexpr Ref kMany = 70'000;
  constexpr std::uint64_t kHash = 42;
  const std::vector<std::uint64_t> hashes(kMany, kHash);
  RequestIndex index(0);
  const auto held = [&] {
    Ref count = 0;
    index.ForEach(kHash, [&](Ref) { ++count; });
    return count;
  };
  for (Ref ref = 0; ref < kMany; ++ref) {
    index.Insert(kHash, ref, Noted{hashes, ref + 1});
  }
  ASSERT_EQ(held(), kMany);

  for (Ref ref = 0; ref < kMany; ++ref) {
    index.Remove(kHash, ref);
    if (ref % 10'000 == 0) {
      ASSERT_EQ(held(), kMany - ref - 1);
    }
  }

  EXPECT_EQ(held(), 0u);
}

TEST(RequestIndexTest, TakesLessThanEightBytesAnEntry) {
  std::mt19937_64 random(7);
  Indexed indexed(6);
  for (int i = 0; i < 400'000; ++i) indexed.Insert(random());
  EXPECT_LE(double(indexed.index().bytes()) / 400'000, 8.0);
}

}  // namespace
}  // namespace guardwatch
