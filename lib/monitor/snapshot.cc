#include "monitor/snapshot.h"

namespace guardwatch {

std::string_view ToString(WindowViewKind view) {
  return view == WindowViewKind::kCurrent ? "current" : "matured";
}

std::string_view ToString(EpochTally::Field field) {
  switch (field) {
    case EpochTally::Field::kModelVersion:
      return "model_version";
    case EpochTally::Field::kPolicyVersion:
      return "policy_version";
    case EpochTally::Field::kThreshold:
      return "threshold";
  }
  return "";
}

}  // namespace guardwatch
