#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "app/restore.h"
#include "base/json_writer.h"
#include "commands.h"
#include "config/config.h"

namespace guardwatch {
namespace {

int Failed(const std::string& message) {
  std::cerr << "guardwatchctl state: " << message << '\n';
  return kFailed;
}

Result<std::unique_ptr<StateStore>> OpenToLook(const std::string& directory) {
  StateStoreOptions options;
  options.create = false;
  options.read_only = true;
  return StateStore::Open(directory, options);
}

void PrintTable(const StateSummary& summary, std::ostream& out) {
  out << "format " << summary.version << ", " << summary.bytes << " bytes, " << summary.alerts
      << " alerts\n";
  for (const auto& [name, topics] : summary.sources) {
    out << "\nsource " << name << ": " << topics << '\n';
    for (const auto& [place, shard] : summary.shards) {
      if (place.first != name) continue;
      out << "  shard " << place.second << ": " << shard.waiting << " waiting, " << shard.bytes
          << " bytes\n";
      for (const LogPosition& log : shard.logs) {
        out << "    " << std::left << std::setw(40)
            << log.topic + "/" + std::to_string(log.partition) << " next offset " << log.next_offset
            << '\n';
      }
    }
  }
}

void PrintJson(const StateSummary& summary, std::ostream& out) {
  JsonWriter json;
  json.BeginObject();
  json.Field("version", summary.version).Field("bytes", summary.bytes);
  json.Field("alerts", summary.alerts);
  json.Key("sources").BeginArray();
  for (const auto& [name, topics] : summary.sources) {
    json.BeginObject().Field("name", name).Field("read_as", topics).Key("shards").BeginArray();
    for (const auto& [place, shard] : summary.shards) {
      if (place.first != name) continue;
      json.BeginObject().Field("shard", place.second);
      json.Field("waiting", shard.waiting).Field("bytes", shard.bytes).Key("logs").BeginArray();
      for (const LogPosition& log : shard.logs) {
        json.BeginObject().Field("topic", log.topic);
        json.Field("partition", log.partition);
        json.Field("next_offset", log.next_offset).EndObject();
      }
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  out << json.text() << '\n';
}

int RunInspect(const std::string& directory, bool as_json) {
  const auto store = OpenToLook(directory);
  if (!store) return Failed(store.error().message);
  const auto summary = Inspect(**store);
  if (!summary) return Failed(summary.error().message);
  as_json ? PrintJson(*summary, std::cout) : PrintTable(*summary, std::cout);
  return kOk;
}

int RunVerify(const std::string& directory, const std::string& config_file) {
  ConfigResult loaded;
  if (!config_file.empty()) {
    loaded = LoadConfigFile(config_file, ProcessEnvironment());
    std::cerr << Format(loaded.errors);
    if (!loaded.config) return kConfig;
  }
  const auto store = OpenToLook(directory);
  if (!store) return Failed(store.error().message);
  if (const auto read = (*store)->Verify(); !read) return Failed(read.error().message);
  if (const auto summary = Inspect(**store); !summary) return Failed(summary.error().message);
  if (loaded.config) {
    const auto restored = Restore(*loaded.config, **store);
    if (!restored) return Failed(restored.error().message);
  }
  std::cout << directory << ": ok\n";
  return kOk;
}

int RunReset(const std::string& directory, bool yes) {
  {
    const auto store = OpenToLook(directory);
    if (!store) return Failed("not removed: " + store.error().message);
    if (const auto ours = Inspect(**store); !ours) {
      return Failed("not removed: " + ours.error().message);
    }
  }
  // Whoever uses it holds the lock.
  StateStoreOptions options;
  options.create = false;
  if (const auto store = StateStore::Open(directory, options); !store) {
    return Failed("not removed: " + store.error().message);
  }
  if (!yes) return Failed("this forgets everything that was counted; say --yes to do it");
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  if (error) return Failed(directory + ": " + error.message());
  std::cout << directory << ": removed\n";
  return kOk;
}

std::shared_ptr<std::string> AddDirectory(CLI::App& cli) {
  auto directory = std::make_shared<std::string>();
  cli.add_option("DIR", *directory, "The directory of storage.path")->required();
  return directory;
}

}  // namespace

Command AddStateInspect(CLI::App& cli) {
  cli.footer(
      "Looks without taking the lock, so a daemon may be at work.\n"
      "Example: guardwatchctl state inspect /var/lib/guardwatch");
  const auto directory = AddDirectory(cli);
  auto output = std::make_shared<std::string>("table");
  cli.add_option("--output", *output, "table or json")->check(CLI::IsMember({"table", "json"}));
  return [=] { return RunInspect(*directory, *output == "json"); };
}

Command AddStateVerify(CLI::App& cli) {
  cli.footer(
      "Ends with 3 if anything is damaged, or does not fit the configuration.\n"
      "Example: guardwatchctl state verify --config guardwatch.yaml /var/lib/guardwatch");
  const auto directory = AddDirectory(cli);
  auto config = std::make_shared<std::string>();
  cli.add_option("--config", *config, "Also load everything, as a daemon with this file would");
  return [=] { return RunVerify(*directory, *config); };
}

Command AddStateReset(CLI::App& cli) {
  cli.footer(
      "Removes the directory, if it is guardwatch's state and no daemon uses it.\n"
      "Example: guardwatchctl state reset --yes /var/lib/guardwatch");
  const auto directory = AddDirectory(cli);
  auto yes = std::make_shared<bool>(false);
  cli.add_flag("--yes", *yes, "Really");
  return [=] { return RunReset(*directory, *yes); };
}

}  // namespace guardwatch
