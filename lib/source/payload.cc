#include "source/payload.h"

#include "base/json_writer.h"
#include "base/rfc3339.h"

namespace guardwatch {
namespace {

// What is wrong with each kind of malformed record. The first two fields are the request id and the
// time, which is a good one unless given here; `rest` follows them.
struct Fault {
  std::string_view time;
  std::string_view rest;
};
constexpr Fault kFaultTexts[kFaults] = {
    {"", R"("guardrail":"toxicity","category":"hate","score":0.4)"},
    {"", R"("guardrail":"toxicity","category":"hate","score":NaN})"},
    {"", "\"guardrail\":\"toxicity\xff\",\"category\":\"hate\",\"score\":0.4}"},
    {"", R"("guardrail":"toxicity","category":"hate","score":0.4,"verdict":"maybe"})"},
    {"", R"("category":"hate","score":0.4})"},
    {"", R"("guardrail":"toxicity","category":"hate","score":1.7})"},
    {"yesterday", R"("guardrail":"toxicity","category":"hate","score":0.4})"},
    {"", ""},  // Nothing at all.
};

// Millionths with all six digits.
std::string Decimal(std::uint32_t millionths) {
  std::string text = "0.000000";
  if (millionths >= kMillion) text.front() = '1';
  std::uint32_t rest = millionths % kMillion;
  for (std::size_t i = text.size() - 1; i > 1; --i) {
    text[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return text;
}

std::string MalformedPayload(const Draft& draft) {
  const Fault& fault = kFaultTexts[draft.fault];
  if (fault.rest.empty()) return "";
  std::string text = R"({"request_id":")" + RequestId(draft.request) + R"(","time":")";
  text += fault.time.empty() ? FormatRfc3339(draft.time) : std::string(fault.time);
  text += "\",";
  text += fault.rest;
  return text;
}

std::string_view KindName(DraftKind kind) {
  switch (kind) {
    case DraftKind::kScore:
      return "score";
    case DraftKind::kCombined:
      return "combined";
    case DraftKind::kDecision:
      return "decision";
    case DraftKind::kLabel:
    case DraftKind::kMalformed:
      break;
  }
  return "label";
}

// Producers disagree on how to write a time and a label; pii and threat stand for the others.
void WriteHead(JsonWriter& json, const Draft& draft, const GuardrailProfile& profile) {
  json.BeginObject().Field("kind", KindName(draft.kind));
  if (draft.has_request_id) json.Field("request_id", RequestId(draft.request));
  json.Key("time");
  if (draft.guardrail == kPii && draft.kind == DraftKind::kScore) {
    json.Value(FloorDivide(Micros(draft.time), 1000));
  } else {
    json.Value(FormatRfc3339(draft.time));
  }
  json.Field("guardrail", profile.guardrail);
  if (!profile.category.empty()) json.Field("category", profile.category);
}

void WriteLabel(JsonWriter& json, const Draft& draft) {
  json.Key("label");
  if (draft.retracts) {
    json.Null();
  } else if (draft.guardrail == kTopicRouter) {
    json.Value(kTopics[draft.label]);
  } else if (draft.guardrail == kPii) {
    json.Value(int{draft.label});
  } else if (draft.guardrail == kThreat) {
    json.Value(draft.label == 1 ? "unsafe" : "safe");
  } else {
    json.Value(draft.label == 1);
  }
  if (draft.revision > 0) json.Field("label_revision", int{draft.revision});
  json.Field("label_source", "human").Field("sample_prob", draft.sample_prob);
}

void WriteScore(JsonWriter& json, const Draft& draft) {
  if (draft.guardrail != kTopicRouter) {
    json.Key("score").Raw(Decimal(draft.scores[0]));
    return;
  }
  json.Key("class_scores").BeginObject();
  for (std::size_t i = 0; i < kTopics.size(); ++i)
    json.Key(kTopics[i]).Raw(Decimal(draft.scores[i]));
  json.EndObject();
}

void WriteVerdict(JsonWriter& json, const Draft& draft, const GuardrailProfile& profile) {
  const std::uint32_t threshold = ThresholdOf(draft);
  json.Key("threshold").Raw(Decimal(threshold));
  if (draft.error) {
    json.Field("verdict", "error").Field("error_type", "timeout");
  } else {
    json.Field("verdict", draft.scores[0] >= threshold ? profile.flagged_verdict : "allow");
  }
}

void WriteOrigin(JsonWriter& json, const Draft& draft, const GuardrailProfile& profile) {
  const bool canary = draft.canary && !profile.canary_version.empty();
  json.Field("model_version", canary ? profile.canary_version : profile.model_version);
  json.Field("policy", "default");
  json.Field("policy_version", draft.policy_moved ? kMovedPolicyVersion : kPolicyVersion);
  json.Key("cohort").BeginObject();
  json.Field("lang", kLanguages[draft.language]).Field("tier", kTiers[draft.tier]).EndObject();
  json.Field("latency_ms", static_cast<double>(draft.latency_micros) / 1000);
}

}  // namespace

std::uint32_t ThresholdOf(const Draft& draft) {
  return draft.policy_moved ? kMovedThreshold : ProfileOf(draft.guardrail).threshold;
}

std::string RequestId(std::uint64_t request) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string id = "r-";
  for (int shift = 60; shift >= 0; shift -= 4) id.push_back(kHex[(request >> shift) & 15]);
  return id;
}

std::string PayloadOf(const Draft& draft) {
  if (draft.kind == DraftKind::kMalformed) return MalformedPayload(draft);
  const GuardrailProfile& profile = ProfileOf(draft.guardrail);
  JsonWriter json;
  WriteHead(json, draft, profile);
  if (draft.kind == DraftKind::kLabel) {
    WriteLabel(json, draft);
  } else {
    if (draft.kind != DraftKind::kDecision) WriteScore(json, draft);
    if (draft.kind != DraftKind::kScore) WriteVerdict(json, draft, profile);
    WriteOrigin(json, draft, profile);
  }
  return json.EndObject().Take();
}

}  // namespace guardwatch
