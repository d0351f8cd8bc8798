// InsertHeader adds a constant header to every record, DropHeaders takes headers away.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/config_values.h"
#include "transform/connect_classes.h"
#include "transform/connect_literal.h"

namespace millrace {
namespace {

const ConfigDef& insert_header_def() {
  static const ConfigDef def{
      {required_option("header", ConfigType::string, Importance::high, "The name of the header.", non_null()),
       required_option("value.literal", ConfigType::string, Importance::high,
                       "Its value. Numbers, true, false, null, dates, lists and maps are seen as such, all else is a string.",
                       non_null())}};
  return def;
}

const ConfigDef& drop_headers_def() {
  static const ConfigDef def{
      {required_option("headers", ConfigType::list, Importance::high, "The names of the headers that are dropped.", non_empty_list())}};
  return def;
}

class InsertHeader final : public Transform {
 public:
  explicit InsertHeader(Header header) : header_{std::move(header)} {}

  static Result<std::unique_ptr<Transform>> create(const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(insert_header_def(), given));
    ConnectLiteral literal = parse_connect_literal(options.text("value.literal"));
    return std::make_unique<InsertHeader>(Header{options.text("header"), std::move(literal.schema), std::move(literal.value)});
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    record.headers.push_back(header_);
    record.tombstone_headers = nullptr;
    return record;
  }

 private:
  Header header_;
};

class DropHeaders final : public Transform {
 public:
  explicit DropHeaders(std::vector<std::string> names) : names_{std::move(names)} {}

  static Result<std::unique_ptr<Transform>> create(const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(drop_headers_def(), given));
    return std::make_unique<DropHeaders>(options.list("headers"));
  }

  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    std::erase_if(record.headers, [&](const Header& header) { return std::ranges::find(names_, header.name) != names_.end(); });
    record.tombstone_headers = nullptr;
    return record;
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

std::array<TransformClass, 1> insert_header_class() {
  return {TransformClass{.class_name = "org.apache.kafka.connect.transforms.InsertHeader", .version = k_connect_version,
                         .config_def = insert_header_def, .make_transform = InsertHeader::create}};
}

std::array<TransformClass, 1> drop_headers_class() {
  return {TransformClass{.class_name = "org.apache.kafka.connect.transforms.DropHeaders", .version = k_connect_version,
                         .config_def = drop_headers_def, .make_transform = DropHeaders::create}};
}

}  // namespace millrace
