#include "loss_report.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <numbers>
#include <span>
#include <utility>

#include "base/json_writer.h"
#include "loss_figures.h"

namespace guardwatch {
namespace {

void AppendExact(std::string& out, double number) {
  std::array<char, 32> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void AppendPadded(std::string& out, double number) {
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%-13.8g ", number);
  out.append(text.data(), static_cast<std::size_t>(size));
}

void AppendPadded(std::string& out, std::string_view text, std::size_t width) {
  out += text;
  if (text.size() < width) out.append(width - text.size(), ' ');
  out += ' ';
}

// One row on its way to its loss.
struct Working {
  std::uint64_t line;
  std::span<const double> input;
  const LossSample& sample;
  double loss;
};

class TableReport {
 public:
  explicit TableReport(const LossReportOptions& options) : options_(options) {}

  void BeginRows(std::size_t values) {
    AppendPadded(out_, "line", 8);
    AppendPadded(out_, "label", 5);
    if (options_.show_working) {
      for (const std::string_view name : {"input", "converted", "clipped"}) {
        AppendPadded(out_, name, 14 * values - 1);
      }
    }
    AppendPadded(out_, "weight", 13);
    out_ += "loss\n";
  }
  void Row(const Working& row) {
    AppendPadded(out_, std::to_string(row.line), 8);
    AppendPadded(out_, std::to_string(row.sample.label), 5);
    if (options_.show_working) {
      for (const double value : row.input) AppendPadded(out_, value);
      for (const double p : row.sample.converted) AppendPadded(out_, p);
      for (const double p : row.sample.clipped) AppendPadded(out_, p);
    }
    AppendPadded(out_, row.sample.weight);
    AppendPadded(out_, row.loss);
    while (out_.ends_with(' ')) out_.pop_back();
    out_ += '\n';
  }
  void EndRows() { out_ += '\n'; }

  std::string Finish(const LossSummary& summary) {
    Line("rows", std::to_string(summary.n), "");
    Line("classes", std::to_string(summary.classes), "");
    Line("unit", options_.bits ? "bits" : "nats", "of losses, entropies and divergence");
    for (const LossFigure& figure : LossFigures(summary, options_)) {
      std::string text = "-";
      if (figure.value) {
        std::array<char, 40> digits{};
        std::snprintf(digits.data(), digits.size(), "%.9g", *figure.value);
        text = digits.data();
      }
      Line(figure.name, text, figure.note);
    }
    Line("product_check", ProductCheck(summary), "whether the two likelihoods are the same");
    return std::move(out_);
  }

 private:
  void Line(std::string_view name, std::string_view value, std::string_view note) {
    AppendPadded(out_, name, 28);
    AppendPadded(out_, value, 15);
    AppendPadded(out_, note, 0);
    while (out_.ends_with(' ')) out_.pop_back();
    out_ += '\n';
  }

  const LossReportOptions& options_;
  std::string out_;
};

// Rows if there are any, else figures: two tables in one file are none.
class CsvReport {
 public:
  explicit CsvReport(const LossReportOptions& options) : options_(options) {}

  void BeginRows(std::size_t values) {
    rows_ = true;
    out_ = "line,label";
    if (options_.show_working) {
      for (const std::string name : {"input", "converted", "clipped"}) {
        for (std::size_t i = 0; i < values; ++i) {
          out_ += "," + name + (values > 1 ? "_" + std::to_string(i) : "");
        }
      }
    }
    out_ += ",weight,loss\n";
  }
  void Row(const Working& row) {
    out_ += std::to_string(row.line);
    out_ += ',';
    out_ += std::to_string(row.sample.label);
    if (options_.show_working) {
      for (const double value : row.input) Number(value);
      for (const double p : row.sample.converted) Number(p);
      for (const double p : row.sample.clipped) Number(p);
    }
    Number(row.sample.weight);
    Number(row.loss);
    out_ += '\n';
  }
  void EndRows() {}

  std::string Finish(const LossSummary& summary) {
    if (rows_) return std::move(out_);
    out_ = "quantity,value\nrows," + std::to_string(summary.n);
    out_ += "\nclasses," + std::to_string(summary.classes);
    out_ += std::string("\nunit,") + (options_.bits ? "bits" : "nats");
    for (const LossFigure& figure : LossFigures(summary, options_)) {
      out_ += '\n';
      out_ += figure.name;
      if (figure.value) {
        Number(*figure.value);
      } else {
        out_ += ',';
      }
    }
    out_ += "\nproduct_check,";
    out_ += ProductCheck(summary);
    out_ += '\n';
    return std::move(out_);
  }

 private:
  void Number(double number) {
    out_ += ',';
    AppendExact(out_, number);
  }

  const LossReportOptions& options_;
  bool rows_ = false;
  std::string out_;
};

class JsonReport {
 public:
  explicit JsonReport(const LossReportOptions& options) : options_(options) { json_.BeginObject(); }

  void BeginRows(std::size_t) { json_.Key("samples").BeginArray(); }
  void Row(const Working& row) {
    json_.BeginObject().Field("line", row.line).Field("label", std::uint64_t{row.sample.label});
    if (options_.show_working) {
      List("input", row.input);
      List("converted", row.sample.converted);
      List("clipped", row.sample.clipped);
    }
    json_.Field("weight", row.sample.weight).Field("loss", row.loss).EndObject();
  }
  void EndRows() { json_.EndArray(); }

  std::string Finish(const LossSummary& summary) {
    json_.Field("rows", summary.n).Field("classes", std::uint64_t{summary.classes});
    json_.Field("unit", options_.bits ? "bits" : "nats").Field("reduction", options_.reduction);
    json_.Field("weight_sum", summary.weight_sum);
    List("base_rates", summary.base_rates);
    List("mean_predictions", summary.mean_predictions);
    for (const LossFigure& figure : LossFigures(summary, options_)) {
      json_.Key(figure.name);
      if (figure.value) {
        json_.Value(*figure.value);
      } else {
        json_.Null();
      }
    }
    json_.Field("product_check", ProductCheck(summary)).EndObject();
    return json_.Take() + "\n";
  }

 private:
  void List(std::string_view key, std::span<const double> numbers) {
    json_.Key(key).BeginArray();
    for (const double number : numbers) json_.Value(number);
    json_.EndArray();
  }

  const LossReportOptions& options_;
  JsonWriter json_;
};

template <class Report>
std::optional<std::string> Write(const LossInput& input, LossCalculator& calculator,
                                 const LossReportOptions& options) {
  const bool rows = options.show_working || options.reduction == "none";
  const double unit = options.bits ? std::numbers::ln2 : 1.0;
  Report report(options);
  if (rows) report.BeginRows(input.values_per_row);
  for (std::size_t i = 0; i < input.labels.size(); ++i) {
    const auto values =
        std::span(input.values).subspan(i * input.values_per_row, input.values_per_row);
    const LossSample& sample = calculator.Add(input.labels[i], values);
    if (rows) report.Row({input.lines[i], values, sample, sample.nats / unit});
  }
  if (rows) report.EndRows();
  const auto summary = calculator.Summary();
  if (!summary) return std::nullopt;
  return report.Finish(*summary);
}

}  // namespace

std::optional<std::string> LossReport(const LossInput& input, LossCalculator calculator,
                                      const LossReportOptions& options) {
  if (options.output == "json") return Write<JsonReport>(input, calculator, options);
  if (options.output == "csv") return Write<CsvReport>(input, calculator, options);
  return Write<TableReport>(input, calculator, options);
}

}  // namespace guardwatch
