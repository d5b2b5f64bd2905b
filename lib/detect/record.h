#pragma once

#include "base/bytes.h"
#include "detect/alarm_threshold.h"
#include "detect/baseline.h"
#include "detect/evidence.h"
#include "detect/learning_period.h"
#include "detect/rate_evidence.h"

// What detectors remember, as parts of records of durable state: the same bits come back. A change
// of a layout changes the format's version. Readers make `in` bad if what they read cannot be.

namespace guardwatch {

double ReadAmount(ByteReader& in);         // Finite and not negative.
std::int64_t ReadCounter(ByteReader& in);  // Not negative.

void WriteCount(ByteWriter& out, Count count);
Count ReadCount(ByteReader& in);

void WriteBlockSums(ByteWriter& out, const BlockSums& sums);
BlockSums ReadBlockSums(ByteReader& in);

void WriteEvidence(ByteWriter& out, const Evidence& evidence);
Evidence ReadEvidence(ByteReader& in);

void WriteRateState(ByteWriter& out, const RateEvidence::State& state);
RateEvidence::State ReadRateState(ByteReader& in);

void WritePeriod(ByteWriter& out, const LearningPeriod& period);
LearningPeriod ReadPeriod(ByteReader& in);

void WriteThreshold(ByteWriter& out, AlarmThreshold threshold);
AlarmThreshold ReadThreshold(ByteReader& in);

void WriteBaseline(ByteWriter& out, const Baseline& baseline);
Baseline ReadBaseline(ByteReader& in);

}  // namespace guardwatch
