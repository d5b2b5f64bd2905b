#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codec/codec.h"

namespace guardwatch {

// Decodes guardrail.event/v1, one JSON object per record. Memory grows to the largest record seen
// (at most some 16 MiB) and is reused: decoding does not allocate once it has seen its like.
class JsonCodec final : public Codec {
 public:
  // Event::cohort has one value for each of `dimensions`, in their order.
  explicit JsonCodec(std::vector<std::string> dimensions);
  ~JsonCodec() override;

  std::optional<RejectReason> Decode(std::string_view payload, const DecodeContext& context,
                                     DecodeBuffer& buffer, Event& event) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace guardwatch
