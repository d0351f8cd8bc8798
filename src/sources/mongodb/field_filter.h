// FieldSelector is field.exclude.list and field.renames: fields that are not in the records, or have another name there.
// Both name <database>.<collection>.<path>: the first two parts are patterns in any case in which '*' stands for anything, the path is
// walked through documents and arrays of documents. All exclusions come first, then all renames, each on what the one before left.
// Threads: const calls from any thread. Errors: a name that is renamed to one that is there already.
// Source: Debezium 2.7's FieldSelector; it takes documents as Java's LinkedHashMaps, so that a renamed field stands last.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/java_regex.h"
#include "sources/mongodb/bson_view.h"

namespace millrace::mongodb {

struct FieldPath {
  std::vector<std::string> nodes;
  std::optional<std::string> new_name{};   // of the last node; none: the field is left out
};

// What becomes of the fields of one collection.
class FieldFilter {
 public:
  FieldFilter() = default;
  explicit FieldFilter(std::vector<FieldPath> paths) : paths_{std::move(paths)} {}

  bool empty() const { return paths_.empty(); }
  // The BSON of the changed document, put into `out`.
  Result<void> filter_document(BsonView document, std::string& out) const;
  // The same for updatedFields, whose names are paths with the positions of arrays: "a.0.b".
  Result<void> filter_updates(BsonView updates, std::string& out) const;
  // A path of removedFields: also one of which a part only is excluded is left out (none), as in Debezium.
  std::optional<std::string> removed_field(std::string_view path) const;
  // A path of truncatedArrays, of which Debezium fails where it should leave out: left out is what is excluded itself, an array of
  // which a part is excluded stays.
  std::optional<std::string> truncated_array(std::string_view path) const;

 private:
  std::vector<FieldPath> paths_;
};

class FieldSelector {
 public:
  static Result<FieldSelector> create(const Config& config);
  FieldFilter filter_for(std::string_view database, std::string_view collection) const;

 private:
  struct Rule {
    JavaRegex collection;
    FieldPath path;
  };
  static Result<Rule> rule(const std::string& option, std::string_view item);
  std::vector<Rule> rules_;
};

}  // namespace millrace::mongodb
