#pragma once

#include <span>
#include <string>

namespace guardwatch {

// One thing that is wrong with a configuration file, and where.
struct ConfigError {
  std::string file;
  int line = 0;         // From 1; 0 if the file as a whole is meant.
  int column = 0;       // From 1, in bytes.
  std::string path;     // The key concerned, e.g. guardrails[0].threshold; empty for the top level.
  std::string message;  // What was expected and what is there instead.
  std::string hint;     // What to write instead; may be empty.
  std::string excerpt;  // The source line; empty if it is very long or may hold a secret.
  int width = 0;        // How many bytes of the excerpt, from `column`, are meant.
};

// The error as a compiler would print it, without a newline at the end:
//
//   guardwatch.yaml:12:5: error: unknown key 'treshold' in guardrails[0] (did you mean
//   'threshold'?)
//      12 |     treshold: 0.8
//         |     ^~~~~~~~
std::string Format(const ConfigError& error);

// All of them, each with a newline at its end.
std::string Format(std::span<const ConfigError> errors);

}  // namespace guardwatch
