// Rules of single settings that all Debezium connectors share, and the run of a connector's table of them.
// A rule adds what is wrong with one setting; `text` is null when the setting is absent. Texts are Debezium 2.7's.
// Threads: plain functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/letters.h"

namespace millrace::setting {

using Problems = std::vector<std::string>;
using Rule = void (*)(const Config& config, const std::string* text, Problems& problems);
using NamedRule = std::pair<std::string_view, Rule>;

// Everything that is wrong with the setting's text: its type, its allowed values, then its rules in the order of the lines.
Problems check(const Config& config, const ConfigKey& key, std::span<const NamedRule> rules);

void required(const Config& config, const std::string* text, Problems& problems);
void topic_name(const Config& config, const std::string* text, Problems& problems);
void host_name(const Config& config, const std::string* text, Problems& problems);
void boolean(const Config& config, const std::string* text, Problems& problems);
void integer(const Config& config, const std::string* text, Problems& problems);
void positive_integer(const Config& config, const std::string* text, Problems& problems);
void non_negative_integer(const Config& config, const std::string* text, Problems& problems);
void positive_long(const Config& config, const std::string* text, Problems& problems);
void non_negative_long(const Config& config, const std::string* text, Problems& problems);
void regex_list(const Config& config, const std::string* text, Problems& problems);
void queue_size(const Config& config, const std::string* text, Problems& problems);
void skipped_operations(const Config& config, const std::string* text, Problems& problems);
void pairs(const Config& config, const std::string* text, Problems& problems);                // k1=v1,k2=v2
void notification_topic(const Config& config, const std::string* text, Problems& problems);

// A setting that another one excludes; `shown` is how Debezium calls that one.
template <const char* other, const char* shown = other>
void excludes(const Config& config, const std::string* text, Problems& problems) {
  if (text != nullptr && config.has(other)) problems.push_back('"' + std::string{shown} + "\" is already specified");
}

// "<mode>.custom.name" belongs to mode=custom.
template <const char* mode>
void custom_name(const Config& config, const std::string* text, Problems& problems) {
  if (lower(config.get(mode)) == "custom" && (text == nullptr || text->empty()))
    problems.push_back(std::string{mode} + ".custom.name cannot be empty when " + mode + " 'custom' is defined");
}

// Java's String.split: empty parts at the end do not count.
std::vector<std::string_view> java_split(std::string_view text, char separator);

}  // namespace millrace::setting
