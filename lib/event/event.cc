#include "event/event.h"

namespace guardwatch {

std::string_view ToString(EventKind kind) {
  switch (kind) {
    case EventKind::kScore:
      return "score";
    case EventKind::kDecision:
      return "decision";
    case EventKind::kLabel:
      return "label";
    case EventKind::kCombined:
      return "combined";
  }
  return "";
}

std::string_view ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return "allow";
    case Verdict::kBlock:
      return "block";
    case Verdict::kFlag:
      return "flag";
    case Verdict::kRedact:
      return "redact";
    case Verdict::kEscalate:
      return "escalate";
    case Verdict::kError:
      return "error";
  }
  return "";
}

std::string_view ToString(Variant variant) {
  return variant == Variant::kLive ? "live" : "candidate";
}

}  // namespace guardwatch
