#include "expose/class_matrix_json.h"

#include "expose/window_json.h"
#include "window/statistics_classes.h"

namespace guardwatch {

void WriteClassMatrix(JsonWriter& json, const SeriesKey& key, const Aggregate& total) {
  if (key.unit.category != kTopLabel || !key.slice.whole()) return;
  const ClassMatrix matrix = MatrixOf(total.classes);
  json.Key("confusion_matrix").BeginObject().Key("classes").BeginArray();
  for (const std::string& name : matrix.classes) json.Value(name);
  json.EndArray().Key("counts").BeginArray();
  for (std::size_t actual = 0; actual < matrix.classes.size(); ++actual) {
    json.BeginArray();
    for (std::size_t predicted = 0; predicted < matrix.classes.size(); ++predicted) {
      json.Value(matrix.counts.At(actual, predicted));
    }
    json.EndArray();
  }
  json.EndArray().Field("folded", matrix.folded).Key("accuracy");
  WriteStatistic(json, matrix.accuracy);
  json.Key("macro_precision");
  WriteStatistic(json, matrix.macro_precision);
  json.Key("macro_recall");
  WriteStatistic(json, matrix.macro_recall);
  json.Key("macro_f1");
  WriteStatistic(json, matrix.macro_f1);
  json.Key("cohen_kappa");
  WriteStatistic(json, matrix.cohen_kappa);
  json.EndObject();
}

}  // namespace guardwatch
