#include "explain_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

#include "base/json_writer.h"
#include "base/rfc3339.h"

namespace guardwatch {
namespace {

// With the fewest digits that read back to the same value.
std::string Exactly(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

void WriteFinding(const Explained& each, std::ostream& out) {
  const ToldFinding& told = each.told;
  out << '\n' << told.statistic;
  if (!told.dimension.empty()) out << " by " << told.dimension;
  if (!told.model_version.empty()) out << " of model version " << told.model_version;
  out << ", " << told.direction << ", by the detector " << told.detector << "\n  told      pane "
      << FormatRfc3339(told.pane) << ", evidence " << Exactly(told.evidence) << " of "
      << Exactly(told.threshold) << " needed\n";
  for (const std::string& range : told.input) out << "  input     " << range << '\n';
  if (!each.replayed) {
    out << "  replayed  no alarm in that pane: the input given is not what was judged, or the\n"
           "            configuration is another one\n";
    return;
  }
  const DriftEvidence& again = *each.replayed;
  out << "  replayed  evidence " << Exactly(again.evidence) << " of " << Exactly(again.threshold)
      << " needed: " << (each.same() ? "the same to the bit" : "not the same") << '\n'
      << "  since     " << FormatRfc3339(again.changed) << '\n';
  if (again.reference_from < again.reference_to) {
    out << "  normal    " << again.reference_events << " events from "
        << FormatRfc3339(again.reference_from) << " to " << FormatRfc3339(again.reference_to)
        << ", where it was " << Exactly(again.usual) << '\n';
  }
}

void WriteJson(const ToldAlert& alert, const std::vector<Explained>& explained, std::ostream& out) {
  JsonWriter json;
  json.BeginObject().Field("alert", alert.id).Field("summary", alert.summary);
  json.Field("reproduced", std::all_of(explained.begin(), explained.end(),
                                       [](const Explained& each) { return each.same(); }));
  json.Key("findings").BeginArray();
  for (const Explained& each : explained) {
    json.BeginObject().Field("statistic", each.told.statistic);
    json.Field("model_version", each.told.model_version).Field("dimension", each.told.dimension);
    json.Field("pane", FormatRfc3339(each.told.pane)).Field("evidence", each.told.evidence);
    json.Key("replayed_evidence");
    if (each.replayed) {
      json.Value(each.replayed->evidence);
    } else {
      json.Null();
    }
    json.Field("same", each.same()).EndObject();
  }
  json.EndArray().EndObject();
  out << json.Take() << '\n';
}

}  // namespace

void WriteExplanation(const ToldAlert& alert, const std::vector<Explained>& explained, bool json,
                      std::ostream& out) {
  if (json) return WriteJson(alert, explained, out);
  const auto same = std::count_if(explained.begin(), explained.end(),
                                  [](const Explained& each) { return each.same(); });
  out << "alert " << alert.id << ": " << alert.summary << '\n' << alert.description << '\n';
  for (const Explained& each : explained) WriteFinding(each, out);
  out << '\n'
      << same << " of " << explained.size() << (explained.size() == 1 ? " finding" : " findings")
      << " came out the same\n";
}

}  // namespace guardwatch
