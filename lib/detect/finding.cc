#include "detect/finding.h"

namespace guardwatch {

std::string_view ToString(Finding::Severity severity) {
  switch (severity) {
    case Finding::Severity::kInfo:
      return "info";
    case Finding::Severity::kWarning:
      return "warning";
    case Finding::Severity::kCritical:
      return "critical";
  }
  return "";
}

}  // namespace guardwatch
