#include "kafka/defects.h"

#include <array>
#include <string_view>

#include "kafka/handle.h"

namespace guardwatch {
namespace {

struct Defect {
  int fixed_major, fixed_minor, fixed_patch;
  std::string_view what;
};

constexpr std::array kDefects{
    Defect{2, 1, 0, "records lost in an unclean leader election are not noticed (KIP-320)"},
    Defect{2, 2, 0, "a full fetch queue stops fetching for up to a second"},
    Defect{2, 2, 0, "a TLS connection that is cut is taken for a permanent error with OpenSSL 3"},
    Defect{2, 6, 1, "SCRAM is refused by brokers that check the client's nonce"},
    Defect{2, 6, 1, "fetching from a follower (client.rack) can look up offsets for ever"},
    Defect{2, 6, 1, "the process can hang at its end when a partition was deleted"},
    Defect{2, 10, 0,
           "a metadata request can be stuck on a dead broker; leader changes pause reading"},
    Defect{2, 11, 0, "with brokers of version 4.0.0 the group's lag cannot be shown"},
};

// The way of RD_KAFKA_VERSION, which ends in 0xff for a release.
constexpr int Encode(int major, int minor, int patch) {
  return (major << 24) | (minor << 16) | (patch << 8) | 0xff;
}

}  // namespace

int KafkaLibraryVersion() { return rd_kafka_version(); }
std::string KafkaLibraryVersionText() { return rd_kafka_version_str(); }

std::vector<std::string> KnownDefects(int version) {
  std::vector<std::string> lines;
  for (const auto& [major, minor, patch, what] : kDefects) {
    if (version >= Encode(major, minor, patch)) continue;
    lines.push_back(std::string(what) + " (mended in librdkafka " + std::to_string(major) + "." +
                    std::to_string(minor) + "." + std::to_string(patch) + ")");
  }
  return lines;
}

}  // namespace guardwatch
