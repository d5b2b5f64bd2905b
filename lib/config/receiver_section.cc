#include <algorithm>

#include "base/duration.h"
#include "config/sections.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

BasicAuth ReadBasicAuth(const YamlValue& value) {
  BasicAuth auth;
  YamlMap map(value);
  if (const auto username = map.Require("username")) auth.username = username->Text().value_or("");
  if (const auto file = map.Require("password_file")) {
    auth.password_file = file->FilePath().value_or("");
  }
  return auth;
}

TlsOptions ReadTls(const YamlValue& value) {
  TlsOptions tls;
  YamlMap map(value);
  map.ReadPath("ca_file", tls.ca_file);
  map.ReadPath("cert_file", tls.cert_file);
  map.ReadPath("key_file", tls.key_file);
  map.Read("server_name", tls.server_name);
  map.Read("insecure_skip_verify", tls.insecure_skip_verify);
  if (map.Has("cert_file") != map.Has("key_file")) {
    map.Fail("'cert_file' and 'key_file' go together");
  }
  return tls;
}

std::vector<std::string> ReadUrls(const YamlValue& value) {
  std::vector<std::string> urls;
  for (const YamlValue& item : value.SomeItems("at least one URL")) {
    auto url = ReadUrl(item);
    if (!url) continue;
    if (std::find(urls.begin(), urls.end(), *url) != urls.end()) {
      item.Fail("'" + *url + "' is listed twice");
    }
    urls.push_back(*std::move(url));
  }
  return urls;
}

AlertmanagerConfig ReadAlertmanager(const YamlValue& value) {
  AlertmanagerConfig alertmanager;
  AlertmanagerOptions& options = alertmanager.options;
  YamlMap map(value);
  if (const auto urls = map.Require("urls")) options.urls = ReadUrls(*urls);
  Duration timeout = options.timeout;
  map.Read("timeout", timeout, {milliseconds(100), minutes(5)});
  options.timeout = std::chrono::duration_cast<milliseconds>(timeout);
  map.Read("resend_interval", alertmanager.resend_interval, {seconds(1), hours(1)});
  map.Read("ends_after", options.ends_after, {seconds(1), hours(24)});
  if (options.ends_after <= alertmanager.resend_interval) {
    map.Fail("'ends_after' must be longer than 'resend_interval'",
             "a firing alert would end between two notifications");
  }
  if (const auto auth = map.Find("basic_auth")) options.basic_auth = ReadBasicAuth(*auth);
  map.ReadPath("bearer_token_file", options.bearer_token_file);
  if (map.Has("basic_auth") && map.Has("bearer_token_file")) {
    map.Fail("expected at most one of 'basic_auth' and 'bearer_token_file'");
  }
  if (const auto tls = map.Find("tls")) options.tls = ReadTls(*tls);
  return alertmanager;
}

LogReceiverConfig ReadLogReceiver(const YamlValue& value) {
  YamlMap no_keys(value);
  return {};
}

ReceiverConfig ReadReceiver(const YamlValue& value, std::size_t index) {
  ReceiverConfig receiver;
  YamlMap map(value);
  if (const auto alertmanager = map.Find("alertmanager")) {
    receiver.alertmanager = ReadAlertmanager(*alertmanager);
  }
  if (const auto log = map.Find("log")) receiver.log = ReadLogReceiver(*log);
  if (map.Has("alertmanager") == map.Has("log")) {
    map.Fail("expected exactly one of 'alertmanager' and 'log'");
  }
  receiver.name = (receiver.log ? "log-" : "alertmanager-") + std::to_string(index);
  map.Read("name", receiver.name);
  return receiver;
}

}  // namespace

std::vector<ReceiverConfig> ReadReceivers(const YamlValue& value) {
  std::vector<ReceiverConfig> receivers;
  for (const YamlValue& item : value.Items()) {
    ReceiverConfig receiver = ReadReceiver(item, receivers.size());
    const bool again = std::any_of(receivers.begin(), receivers.end(),
                                   [&](const auto& other) { return other.name == receiver.name; });
    if (again) item.Fail("a receiver named " + Quote(receiver.name) + " comes before");
    receivers.push_back(std::move(receiver));
  }
  return receivers;
}

}  // namespace guardwatch
