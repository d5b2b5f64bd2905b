#pragma once

#include <string>
#include <vector>

namespace guardwatch {

// The version of librdkafka that this process runs with, e.g. 0x020002ff for 2.0.2.
int KafkaLibraryVersion();
std::string KafkaLibraryVersionText();

// What a user of that version has to know, one line for each defect that can touch us, with the
// version that mended it.
std::vector<std::string> KnownDefects(int version);

}  // namespace guardwatch
