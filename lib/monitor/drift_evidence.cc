#include "alert/alert.h"
#include "monitor/drift_watch.h"

// What it takes to reproduce an alarm.

namespace guardwatch {

DriftEvidence DriftWatch::EvidenceOf(const SourceMonitor& source, const UnitId& id,
                                     const ActiveDrift& drift) const {
  const StreamAlarm& said = drift.alarm;
  DriftEvidence evidence;
  evidence.alert = AlertId(drift.stream == kUnlabeledShare ? OutageLabels() : LabelsOf(id));
  evidence.unit = id.unit;
  evidence.variant = id.variant;
  evidence.model_version = drift.version;
  evidence.stream = drift.stream;
  evidence.dimension = drift.dimension;
  for (const NamedCohort& cohort : drift.cohorts) evidence.cohorts.push_back(cohort.cohort);
  evidence.direction = ToString(said.alarm.direction);
  evidence.detector = ToString(said.detector);
  evidence.verdict = ToString(drift.verdict);
  evidence.detail = said.detail;
  evidence.pane = said.alarm.pane;
  evidence.pane_width = said.pane_width;
  evidence.evidence = said.alarm.evidence;
  evidence.threshold = said.alarm.threshold;
  evidence.changed = drift.changed;
  evidence.raised = drift.raised;
  evidence.usual = said.usual;
  evidence.reference_from = said.reference.from;
  evidence.reference_to = said.reference.to;
  evidence.reference_events = said.reference.events;
  evidence.input_to = PaneEnd(said.alarm.pane, said.pane_width);
  evidence.input_from = said.input_from;
  evidence.input =
      source.logs().RangesOf(evidence.input_from, evidence.input_to, IsLabelBased(drift.stream));
  return evidence;
}

}  // namespace guardwatch
