#include "alert/book_record.h"

namespace guardwatch {
namespace {

void WriteTime(ByteWriter& out, const std::optional<EventTime>& time) {
  out.Bool(time.has_value());
  if (time) out.Time(*time);
}

std::optional<EventTime> ReadTime(ByteReader& in) {
  std::optional<EventTime> time;
  if (in.Bool()) time = in.Time();
  return time;
}

void WriteTexts(ByteWriter& out, const std::map<std::string, std::string>& texts) {
  out.Varint(texts.size());
  for (const auto& [name, value] : texts) {
    out.Text(name);
    out.Text(value);
  }
}

std::map<std::string, std::string> ReadTexts(ByteReader& in) {
  std::map<std::string, std::string> texts;
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    std::string name(in.Text());
    texts[std::move(name)] = std::string(in.Text());
  }
  return texts;
}

constexpr int kStates = 4;

}  // namespace

void WriteInstance(ByteWriter& out, const AlertInstance& instance) {
  const Alert& alert = instance.alert;
  WriteTexts(out, alert.labels);
  WriteTexts(out, alert.annotations);
  out.Byte(static_cast<std::uint8_t>(alert.state));
  out.Time(alert.pending_since);
  WriteTime(out, alert.firing_since);
  WriteTime(out, alert.resolved_at);
  out.Bool(alert.value.has_value());
  if (alert.value) out.Real(*alert.value);
  out.Signed(alert.n);
  out.Signed(alert.fired);
  WriteTime(out, instance.clear_since);
  out.Signed(Micros(instance.resolved_wall));
}

AlertInstance ReadInstance(ByteReader& in) {
  AlertInstance instance;
  Alert& alert = instance.alert;
  alert.labels = ReadTexts(in);
  alert.annotations = ReadTexts(in);
  alert.state = in.Enumerator<AlertState>(kStates);
  alert.pending_since = in.Time();
  alert.firing_since = ReadTime(in);
  alert.resolved_at = ReadTime(in);
  if (in.Bool()) alert.value = in.Real();
  alert.n = in.Signed();
  alert.fired = in.Signed();
  instance.clear_since = ReadTime(in);
  instance.resolved_wall = WallTime(Duration(in.Signed()));
  alert.id = AlertId(alert.labels);
  return instance;
}

}  // namespace guardwatch
