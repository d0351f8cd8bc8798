#include "core/topic_naming.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/envelope.h"
#include "core/java_hash.h"
#include "core/letters.h"
#include "core/log.h"
#include "core/name_adjustment.h"

namespace millrace {
namespace {

constexpr std::string_view k_package = "io.debezium.schema.";
constexpr std::string_view k_logger = "io.debezium.schema.AbstractTopicNamingStrategy";

struct Strategy {
  std::string_view name;
  bool by_schema, rewrites, unicode;
};
constexpr std::array k_strategies{
    Strategy{"SchemaTopicNamingStrategy", true, false, false},
    Strategy{"DefaultTopicNamingStrategy", false, false, false},
    Strategy{"SchemaRegexTopicNamingStrategy", true, true, false},
    Strategy{"DefaultRegexTopicNamingStrategy", false, true, false},
    Strategy{"SchemaUnicodeTopicNamingStrategy", true, false, true},
    Strategy{"DefaultUnicodeTopicNamingStrategy", false, false, true},
};

const Strategy* strategy_of(std::string_view name) {
  if (!name.starts_with(k_package)) return nullptr;
  const auto at = std::ranges::find(k_strategies, name.substr(k_package.size()), &Strategy::name);
  return at == k_strategies.end() ? nullptr : &*at;
}

bool is_letter_or_digit(char16_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::unexpected<Error> invalid(const std::string& option, const std::string& problem) {
  return fail("Unable to validate config. The '" + option + "' value is invalid: " + problem);
}

// As sanitized_topic(), with an escape for each character; the underscore begins one and is escaped itself.
std::string escaped_topic(std::string_view name) {
  std::string topic;
  for (const char16_t c : utf16_of(name)) {
    if (is_letter_or_digit(c) || c == '.' || c == '-') topic += static_cast<char>(c);
    else topic += unicode_escape(c);
  }
  if (topic.size() > envelope::k_topic_length_max) topic.resize(envelope::k_topic_length_max);
  else if (topic == ".") topic = unicode_escape(u'.');
  else if (topic == "..") topic = unicode_escape(u'.') + unicode_escape(u'.');
  return topic;
}

}  // namespace

bool TopicNaming::knows(std::string_view strategy) { return strategy_of(strategy) != nullptr; }

Result<TopicNaming> TopicNaming::create(const Config& config, std::string_view fallback) {
  const std::string name = config.get("topic.naming.strategy", std::string{fallback});
  const Strategy* strategy = strategy_of(trimmed(name));
  if (strategy == nullptr) return fail("topic.naming.strategy: " + name + " is not available; use one of Debezium's strategies");
  TopicNaming out;
  out.prefix_ = config.get("topic.prefix");
  out.delimiter_ = config.get("topic.delimiter", ".");
  const auto in_topics = [](char c) { return is_letter_or_digit(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.'; };
  if (out.delimiter_.empty() || !std::ranges::all_of(out.delimiter_, in_topics))
    return invalid("topic.delimiter", out.delimiter_ + " has invalid format (only the underscore, hyphen, dot and "
                                      "alphanumeric characters are allowed)");
  out.by_schema_ = strategy->by_schema;
  out.unicode_ = strategy->unicode;
  if (strategy->rewrites) MR_CHECK(out.add_rewriting(config));
  return out;
}

Result<TopicNaming::Rewriting> TopicNaming::rewriting(const Config& config, const std::string& regex,
                                                      const std::string& replacement) {
  const std::string text = config.get(replacement);
  if (trimmed(text).empty()) return invalid(replacement, replacement + " must be non-empty if " + regex + " is set.");
  auto compiled = JavaRegex::compile(config.get(regex));
  if (!compiled) return invalid(regex, "A valid regular expressions is expected, but " + compiled.error().text);
  return Rewriting{.regex = std::move(*compiled), .replacement = text};
}

Result<void> TopicNaming::add_rewriting(const Config& config) {
  for (const std::string option : {"topic.regex", "topic.replacement"})
    if (config.get(option).empty()) return invalid(option, "A value is required");
  MR_TRY(topic_, rewriting(config, "topic.regex", "topic.replacement"));
  identifies_ = config.boolean("topic.key.enforce.uniqueness", true);
  key_field_ = config.get("topic.key.field.name", "__dbz__physicalTableIdentifier");
  if (!trimmed(config.get("topic.key.field.regex")).empty()) {
    MR_TRY(identifier_, rewriting(config, "topic.key.field.regex", "topic.key.field.replacement"));
  }
  return {};
}

Result<std::string> TopicNaming::Rewriting::apply(const std::string& name) const {
  MR_TRY(const bool matches, regex.matches(name));
  if (!matches) return name;
  return regex.replace_first(name, replacement);
}

std::string TopicNaming::sanitized(const std::string& name) const {
  std::string topic = unicode_ ? escaped_topic(name) : envelope::sanitized_topic(name);
  if (topic != name)
    logger(k_logger)->warn("Topic '{}' name isn't a valid topic name, replacing it with '{}'.", name, topic);
  return topic;
}

Result<TopicNaming::Names> TopicNaming::names_of(std::span<const std::string_view> parts) const {
  std::vector<std::string_view> all{prefix_};
  all.insert(all.end(), parts.begin(), parts.end());
  const std::string name = envelope::joined_name(all, delimiter_);
  Names names{.topic = sanitized(name)};
  if (topic_) {
    MR_TRY(std::string rewritten, topic_->apply(names.topic));
    if (rewritten.empty()) logger(k_logger)->warn("Routing regex returned an empty topic name, propagating original topic");
    else names.topic = std::move(rewritten);
  }
  if (!identifies_) return names;
  if (identifier_) {
    MR_TRY(names.identifier, identifier_->apply(name));
  } else {
    names.identifier = name;
  }
  return names;
}

}  // namespace millrace
