#include "rest/request_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/letters.h"
#include "rest/json_reader.h"

namespace millrace {
namespace {

constexpr std::string_view k_request_class = "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest";
constexpr std::string_view k_no_config =
    R"-(Cannot invoke "java.util.Map.get(Object)" because "connectorConfig" is null)-";

// A body that is null to Java: empty, or the word null.
Reply<std::optional<Json>> json_in(std::string_view body) {
  auto json = read_json(body);
  if (!json) return refuse(500, std::move(json.error()));
  if (*json && (*json)->is(Json::Kind::null)) return std::nullopt;
  return std::move(*json);
}

std::string through(std::string_view chain) {
  return chain.empty() ? std::string{} : fmt::format(" (through reference chain: {})", chain);
}

// Jackson's sentence for a value of the wrong kind.
std::unexpected<RestError> wrong_kind(std::string_view java_type, const Json& json, std::string_view chain) {
  const auto no_creator = [&](std::string_view creator, std::string_view value) {
    const std::string_view plain_type = java_type.substr(0, java_type.find('<'));
    return fmt::format("Cannot construct instance of `{}` (although at least one Creator exists): no {}-argument "
                       "constructor/factory method to deserialize from {}", plain_type, creator, value);
  };
  std::string text;
  switch (json.kind) {
    case Json::Kind::object:
    case Json::Kind::array: {
      const bool object = json.is(Json::Kind::object);
      text = fmt::format("Cannot deserialize value of type `{}` from {} value (token `JsonToken.{}`)", java_type,
                         object ? "Object" : "Array", object ? "START_OBJECT" : "START_ARRAY");
      break;
    }
    case Json::Kind::string: text = no_creator("String", fmt::format("String value ('{}')", json.text)); break;
    case Json::Kind::integer: text = no_creator("int/Int", fmt::format("Number value ({})", json.text)); break;
    case Json::Kind::decimal: text = no_creator("double/Double", fmt::format("Number value ({})", json.text)); break;
    default: text = no_creator("boolean/Boolean", fmt::format("boolean value ({})", json.text)); break;
  }
  return refuse(500, text + json.begin.text() + through(chain));
}

std::unexpected<RestError> unknown_field(std::string_view java_class, std::string_view field, std::string_view known,
                                         const Json& object) {
  return refuse(500, fmt::format("Unrecognized field \"{0}\" (class {1}), not marked as ignorable ({2}]){3} "
                                 "(through reference chain: {1}[\"{0}\"])",
                                 field, java_class, known, object.end.text()));
}

Reply<RawConfig> config_of(const Json& json, std::string_view outer_chain) {
  if (!json.is(Json::Kind::object))
    return wrong_kind("java.util.LinkedHashMap<java.lang.String,java.lang.String>", json, outer_chain);
  RawConfig config;
  config.reserve(json.members.size());
  for (const auto& [name, value] : json.members) {
    if (!value.scalar())
      return wrong_kind("java.lang.String", value,
                        fmt::format("{}{}java.util.LinkedHashMap[\"{}\"]", outer_chain,
                                    outer_chain.empty() ? "" : "->", name));
    config.emplace_back(name, value.is(Json::Kind::null) ? std::nullopt : std::optional{value.text});
  }
  return config;
}

// Java's String.trim(): everything up to the blank.
Reply<std::optional<TargetState>> state_of(const Json& json) {
  const std::string chain = fmt::format("{}[\"initial_state\"]", k_request_class);
  if (!json.scalar()) return wrong_kind("java.lang.String", json, chain);
  if (json.is(Json::Kind::null)) return std::nullopt;
  std::string word = json.text;
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (word == "RUNNING") return TargetState::started;
  if (word == "PAUSED") return TargetState::paused;
  if (word == "STOPPED") return TargetState::stopped;
  return refuse(500, fmt::format("Cannot construct instance of `{0}$InitialState`, problem: No enum constant "
                                 "{0}.InitialState.{1}{2} (through reference chain: {3})",
                                 k_request_class, word, json.begin.text(), chain));
}

Reply<std::pair<std::string, std::optional<std::string>>> offset_of(const Json& json) {
  constexpr std::string_view k_class = "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset";
  constexpr std::string_view k_map = "java.util.LinkedHashMap<java.lang.String,java.lang.Object>";
  if (!json.is(Json::Kind::object)) return wrong_kind(k_class, json, {});
  std::pair<std::string, std::optional<std::string>> entry{"null", std::nullopt};
  for (const auto& [name, value] : json.members) {
    if (name != "partition" && name != "offset")
      return unknown_field(k_class, name, R"(2 known properties: "partition", "offset")", json);
    if (value.is(Json::Kind::null)) continue;
    if (!value.is(Json::Kind::object)) return wrong_kind(k_map, value, fmt::format("{}[\"{}\"]", k_class, name));
    if (name == "partition") entry.first = json_text_of(value);
    else entry.second = json_text_of(value);
  }
  return entry;
}

}  // namespace

Reply<RawConfig> config_in(std::string_view body) {
  auto json = json_in(body);
  if (!json) return std::unexpected{std::move(json.error())};
  if (!*json) return refuse(500, std::string{k_no_config});
  return config_of(**json, {});
}

Reply<NewConnector> new_connector_in(std::string_view body) {
  auto json = json_in(body);
  if (!json) return std::unexpected{std::move(json.error())};
  if (!*json)
    return refuse(500, fmt::format("Cannot invoke \"{}.name()\" because \"createRequest\" is null", k_request_class));
  const Json& request = **json;
  if (!request.is(Json::Kind::object)) return wrong_kind(k_request_class, request, {});

  NewConnector out;
  bool has_config = false;
  for (const auto& [field, value] : request.members) {
    if (field == "name") {
      if (!value.scalar())
        return wrong_kind("java.lang.String", value, fmt::format("{}[\"name\"]", k_request_class));
      out.name = value.is(Json::Kind::null) ? std::string{} : std::string{trimmed(value.text)};
    } else if (field == "config") {
      if (value.is(Json::Kind::null)) continue;
      auto config = config_of(value, fmt::format("{}[\"config\"]", k_request_class));
      if (!config) return std::unexpected{std::move(config.error())};
      out.config = std::move(*config);
      has_config = true;
    } else if (field == "initial_state") {
      auto state = state_of(value);
      if (!state) return std::unexpected{std::move(state.error())};
      out.initial_state = *state;
    }
  }
  // Jackson reports unknown fields last, when the object has ended.
  for (const auto& [field, value] : request.members)
    if (field != "name" && field != "config" && field != "initial_state")
      return unknown_field(k_request_class, field, R"(3 known properties: "config", "name", "initial_state")",
                           request);
  if (!has_config) return refuse(500, std::string{k_no_config});
  return out;
}

Reply<ConnectorOffsets> offsets_in(std::string_view body) {
  constexpr std::string_view k_class = "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets";
  auto json = json_in(body);
  if (!json) return std::unexpected{std::move(json.error())};
  if (!*json) return refuse(500, fmt::format("Cannot invoke \"{}.offsets()\" because \"offsets\" is null", k_class));
  const Json& request = **json;
  if (!request.is(Json::Kind::object)) return wrong_kind(k_class, request, {});
  for (const auto& [field, value] : request.members)
    if (field != "offsets") return unknown_field(k_class, field, R"(one known property: "offsets")", request);

  ConnectorOffsets out;
  const Json* list = request.find("offsets");
  if (list != nullptr && !list->is(Json::Kind::null)) {
    if (!list->is(Json::Kind::array))
      return wrong_kind("java.util.ArrayList<org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset>", *list,
                        fmt::format("{}[\"offsets\"]", k_class));
    for (const Json& item : list->items) {
      auto entry = offset_of(item);
      if (!entry) return std::unexpected{std::move(entry.error())};
      out.push_back(std::move(*entry));
    }
  }
  if (out.empty()) return refuse(400, "Partitions / offsets need to be provided for an alter offsets request");
  return out;
}

Reply<RawConfig> with_name(RawConfig config, const std::string& name) {
  const auto at = std::ranges::find(config, std::string_view{"name"}, &RawConfig::value_type::first);
  if (at == config.end()) {
    config.emplace_back("name", name);
  } else if (!at->second) {
    at->second = name;
  } else if (*at->second != name) {
    return refuse(400, fmt::format("Connector name configuration ({}) doesn't match connector name in the URL ({})",
                                   *at->second, name));
  }
  return config;
}

}  // namespace millrace
