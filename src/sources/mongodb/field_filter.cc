#include "sources/mongodb/field_filter.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "core/letters.h"
#include "core/setting_rules.h"
#include "sources/mongodb/extended_json.h"
#include "sources/mongodb/repeated_names.h"

namespace millrace::mongodb {
namespace {

using Nodes = std::span<const std::string>;

std::string dotted(Nodes nodes) {
  std::string out;
  for (const std::string& node : nodes) out += (&node == nodes.data() ? "" : ".") + node;
  return out;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> nodes;
  for (const std::string_view node : setting::java_split(path, '.')) nodes.emplace_back(node);
  return nodes;
}

bool is_position(std::string_view node) {
  return !node.empty() && std::ranges::all_of(node, [](char c) { return c >= '0' && c <= '9'; });
}

// Where two stand together, which may be an array in an array or a field of that name, all stay.
std::vector<std::string> without_positions(const std::vector<std::string>& nodes) {
  if (nodes.size() <= 1) return nodes;
  std::vector<std::string> out;
  bool after_position = false;
  for (const std::string& node : nodes) {
    const bool position = is_position(node);
    if (position && after_position) return nodes;
    if (!position) out.push_back(node);
    after_position = position;
  }
  return out;
}

bool begins_with(Nodes nodes, Nodes start) {
  return nodes.size() >= start.size() && std::ranges::equal(nodes.first(start.size()), start);
}

// The path with its positions, and the new name in the place of the renamed node.
std::string renamed(const std::vector<std::string>& nodes, const FieldPath& path) {
  std::vector<std::string> out;
  std::size_t at = 0;
  for (const std::string& node : nodes) {
    if (is_position(node)) out.push_back(node);
    else out.push_back(++at == path.nodes.size() ? *path.new_name : node);
  }
  return dotted(out);
}

// A document that is opened only where a path leads into it; the rest stays as it came.
struct Element {
  bson_type_t type = BSON_TYPE_EOD;
  std::string name;
  BsonView value;                    // its bytes
  bool open = false;                 // then `inside` counts and `value` does not
  std::vector<Element> inside{};
};

// One element per name, in the form in which Java decodes it.
std::vector<Element> elements_of(BsonView document) {
  std::vector<Element> out;
  const auto add = [&](const bson_iter_t& at) {
    const std::uint32_t value = at.key + bson_iter_key_len(&at) + 1;
    out.push_back({.type = bson_iter_type(&at), .name = std::string{bson_iter_key_unsafe(&at), bson_iter_key_len(&at)},
                   .value = document.subspan(value, at.next_off - value)});
  };
  bson_iter_t at;
  if (may_repeat_a_name(document)) {
    for (const ElementPlace& place : distinct_elements(document))
      if (bson_iter_init_from_data_at_offset(&at, document.data(), document.size(), place.offset, place.name_size)) add(at);
  } else if (iterate(document, at)) {
    while (bson_iter_next(&at)) add(at);
  }
  return out;
}

Element* find_element(std::vector<Element>& elements, std::string_view name) {
  const auto at = std::ranges::find(elements, name, &Element::name);
  return at == elements.end() ? nullptr : &*at;
}

std::vector<Element>& opened(Element& element) {
  if (!std::exchange(element.open, true)) element.inside = elements_of(element.value);
  return element.inside;
}

std::unexpected<Error> name_is_taken(const std::string& name) {
  return fail("Document already contains field : " + name + ". field.renames cannot rename another field to it: give it a name that "
              "no document has, or take that field out with field.exclude.list", Retry::no, "java.lang.IllegalArgumentException");
}

// Takes the field out, or puts it behind all with its new name.
Result<void> change(std::vector<Element>& fields, const std::string& name, const std::optional<std::string>& new_name) {
  Element* const field = find_element(fields, name);
  if (field == nullptr) return {};
  if (new_name && find_element(fields, *new_name) != nullptr) return name_is_taken(*new_name);
  Element taken = std::move(*field);
  fields.erase(fields.begin() + (field - fields.data()));
  if (!new_name) return {};
  taken.name = *new_name;
  fields.push_back(std::move(taken));
  return {};
}

Result<void> change_inside(Element& element, const FieldPath& path, std::size_t from);

Result<void> change_fields(std::vector<Element>& fields, const FieldPath& path, std::size_t from) {
  if (from + 1 == path.nodes.size()) return change(fields, path.nodes[from], path.new_name);
  Element* const next = find_element(fields, path.nodes[from]);
  return next == nullptr ? Result<void>{} : change_inside(*next, path, from + 1);
}

// Documents, and those in an array; not those in an array inside an array.
Result<void> change_inside(Element& element, const FieldPath& path, std::size_t from) {
  if (element.type == BSON_TYPE_DOCUMENT) return change_fields(opened(element), path, from);
  if (element.type != BSON_TYPE_ARRAY) return {};
  for (Element& item : opened(element))
    if (item.type == BSON_TYPE_DOCUMENT) MR_CHECK(change_fields(opened(item), path, from));
  return {};
}

Result<void> change_updates(std::vector<Element>& updates, const FieldPath& path) {
  const std::string whole = dotted(path.nodes);
  if (find_element(updates, whole) != nullptr) {
    std::optional<std::string> new_name;
    if (path.new_name) new_name = dotted(Nodes{path.nodes}.first(path.nodes.size() - 1)) + (path.nodes.size() > 1 ? "." : "") + *path.new_name;
    return change(updates, whole, new_name);
  }
  std::vector<Element> moved;
  for (auto at = updates.begin(); at != updates.end();) {
    const std::vector<std::string> all = split(at->name), nodes = without_positions(all);
    if (nodes.size() < path.nodes.size()) {
      if (begins_with(path.nodes, nodes)) {   // the first one alone, as in Debezium
        MR_CHECK(change_inside(*at, path, nodes.size()));
        break;
      }
    } else if (begins_with(nodes, path.nodes)) {
      if (path.new_name) {
        moved.push_back(std::move(*at));
        moved.back().name = renamed(all, path);
      }
      at = updates.erase(at);
      continue;
    }
    ++at;
  }
  for (Element& element : moved) {
    if (find_element(updates, element.name) != nullptr) return name_is_taken(element.name);
    updates.push_back(std::move(element));
  }
  return {};
}

// Written behind `out`; lengths are little-endian like the machines we run on.
void write(const std::vector<Element>& elements, std::string& out) {
  const std::size_t begin = out.size();
  out.append(sizeof(std::uint32_t), '\0');
  for (const Element& element : elements) {
    out += static_cast<char>(element.type);
    out.append(element.name).push_back('\0');
    if (element.open) write(element.inside, out);
    else out.append(reinterpret_cast<const char*>(element.value.data()), element.value.size());
  }
  out += '\0';
  const auto size = static_cast<std::uint32_t>(out.size() - begin);
  std::memcpy(out.data() + begin, &size, sizeof size);
}

// The nodes of a changed field's name, without positions, when they are the path or its beginning.
std::optional<std::vector<std::string>> beginning_of(const FieldPath& path, std::string_view field) {
  std::vector<std::string> nodes = without_positions(split(trimmed(field)));
  if (nodes.empty() || !begins_with(path.nodes, nodes)) return std::nullopt;
  return nodes;
}

}  // namespace

Result<void> FieldFilter::filter_document(BsonView document, std::string& out) const {
  std::vector<Element> fields = elements_of(document);
  for (const FieldPath& path : paths_) MR_CHECK(change_fields(fields, path, 0));
  out.clear();
  write(fields, out);
  return {};
}

Result<void> FieldFilter::filter_updates(BsonView updates, std::string& out) const {
  std::vector<Element> fields = elements_of(updates);
  for (const FieldPath& path : paths_) MR_CHECK(change_updates(fields, path));
  out.clear();
  write(fields, out);
  return {};
}

std::optional<std::string> FieldFilter::removed_field(std::string_view field) const {
  for (const FieldPath& path : paths_) {
    if (!beginning_of(path, field)) continue;
    return path.new_name ? std::optional{renamed(split(trimmed(field)), path)} : std::nullopt;
  }
  return std::string{field};
}

std::optional<std::string> FieldFilter::truncated_array(std::string_view field) const {
  for (const FieldPath& path : paths_) {
    const auto nodes = beginning_of(path, field);
    if (!nodes) continue;
    if (path.new_name) return renamed(split(trimmed(field)), path);
    return nodes->size() == path.nodes.size() ? std::nullopt : std::optional{std::string{field}};
  }
  return std::string{field};
}

Result<FieldSelector::Rule> FieldSelector::rule(const std::string& option, std::string_view item) {
  const auto invalid = [&] { return fail(option + ": Invalid format: " + std::string{item}, Retry::no, k_config_exception); };
  std::string_view name = trimmed(item);
  std::optional<std::string> new_name;
  if (option == "field.renames") {
    const auto colon = name.find(':');
    if (colon == std::string_view::npos || colon + 1 == name.size()) return invalid();
    new_name = name.substr(colon + 1);
    name = trimmed(name.substr(0, colon));
  }
  std::vector<std::string> parts = split(name);
  if (parts.size() < 3 || std::ranges::any_of(parts, &std::string::empty)) return invalid();
  std::string pattern;
  for (const char c : parts[0] + "\\." + parts[1]) pattern += c == '*' ? ".*" : std::string{c};
  MR_TRY(JavaRegex collection, JavaRegex::compile(pattern, RegexCase::ignored));
  return Rule{.collection = std::move(collection), .path = {.nodes = {parts.begin() + 2, parts.end()}, .new_name = std::move(new_name)}};
}

Result<FieldSelector> FieldSelector::create(const Config& config) {
  FieldSelector out;
  for (const std::string option : {"field.exclude.list", "field.renames"}) {
    const std::string list{trimmed(config.get(option))};
    if (list.empty()) continue;
    for (const std::string_view item : setting::java_split(list, ',')) {
      MR_TRY(Rule made, rule(option, item));
      out.rules_.push_back(std::move(made));
    }
  }
  return out;
}

// A pattern that cannot be matched counts: rather a field too few than one that should not be seen.
FieldFilter FieldSelector::filter_for(std::string_view database, std::string_view collection) const {
  const std::string name = std::string{database} + "." + std::string{collection};
  std::vector<FieldPath> paths;
  for (const Rule& rule : rules_)
    if (rule.collection.matches(name).value_or(true)) paths.push_back(rule.path);
  return FieldFilter{std::move(paths)};
}

}  // namespace millrace::mongodb
