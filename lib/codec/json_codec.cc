#include "codec/json_codec.h"

#include <utility>

#include "codec/event_builder.h"
#include "codec/json_fields.h"
#include "codec/json_reader.h"
#include "codec/plain_reader.h"

namespace guardwatch {
namespace {

constexpr std::size_t kMaxPayloadBytes = 1u << 20;

}  // namespace

struct JsonCodec::State {
  explicit State(std::vector<std::string> dimensions)
      : plain(dimensions), reader(std::move(dimensions)) {}

  PlainReader plain;
  JsonReader reader;
  JsonFields fields;
  TimeReader times;
};

JsonCodec::JsonCodec(std::vector<std::string> dimensions)
    : state_(std::make_unique<State>(std::move(dimensions))) {}

JsonCodec::~JsonCodec() = default;

std::optional<RejectReason> JsonCodec::Decode(std::string_view payload,
                                              const DecodeContext& context, DecodeBuffer& buffer,
                                              Event& event) {
  if (payload.size() > kMaxPayloadBytes) return RejectReason::kTooLarge;
  if (payload.empty()) return RejectReason::kTombstone;
  JsonFields& fields = state_->fields;
  if (!state_->plain.Read(payload, buffer.text, fields)) {
    if (const auto reason = state_->reader.Read(payload, fields)) return reason;
    fields.MoveTexts(buffer.text);
  }
  return BuildEvent(fields, context, state_->times, buffer, event);
}

}  // namespace guardwatch
