#include "window/series_record.h"

namespace guardwatch {
namespace {

constexpr int kVariants = 2;

}  // namespace

void WriteSeriesKey(ByteWriter& out, const SeriesKey& key) {
  out.Text(key.unit.guardrail);
  out.Text(key.unit.category);
  out.Text(key.model_version);
  out.Byte(static_cast<std::uint8_t>(key.variant));
  out.Text(key.slice.dimension);
  out.Text(key.slice.value);
}

SeriesKey ReadSeriesKey(ByteReader& in, const std::string& source) {
  SeriesKey key;
  key.unit = {source, std::string(in.Text()), std::string(in.Text())};
  key.model_version = in.Text();
  key.variant = in.Enumerator<Variant>(kVariants);
  key.slice = {std::string(in.Text()), std::string(in.Text())};
  return key;
}

}  // namespace guardwatch
