#include "ingest/state_summary.h"

#include "ingest/entry_records.h"
#include "ingest/pending.h"

namespace guardwatch {
namespace {

template <class Entry>
std::int64_t EntriesIn(ByteReader& in) {
  std::int64_t count = 0;
  while (in.left() > 0) {
    Entry entry;
    ReadEntry(in, entry);
    count += in.bad() ? 0 : 1;
  }
  return count;
}

}  // namespace

// The keys are those of shard.cc, joiner_state.cc and pending.cc.
bool ShardSummary::Add(const StateRecord& record) {
  bytes += static_cast<std::int64_t>(record.key.size() + record.value.size());
  KeyReader key(record.key);
  ByteReader in(record.value);
  const char part = key.Tag();
  if (part == 'o') {
    LogPosition log;
    log.topic = in.Text();
    log.partition = static_cast<std::int32_t>(in.Signed());
    log.next_offset = in.Signed();
    logs.push_back(std::move(log));
    return !in.bad();
  }
  if (part != 'j' || key.Tag() != 'z') return true;
  const char table = key.Tag();
  key.Number64();
  key.Number64();
  if (key.Tag() != 'a') return true;  // A change of an entry that was counted.
  if (table == 's') {
    waiting += static_cast<std::int64_t>(record.value.size() / sizeof(PendingScore));
    return true;
  }
  waiting += table == 'd' ? EntriesIn<DecisionEntry>(in) : EntriesIn<LabelEntry>(in);
  return in.done();
}

}  // namespace guardwatch
