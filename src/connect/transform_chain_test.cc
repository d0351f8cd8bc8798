// Headers that a delete and its tombstone share. What is expected was written by the same chains of Kafka Connect 4.0 and
// Debezium 2.7 from two records with one ConnectHeaders, as their EventDispatcher makes them.
#include "connect/transform_chain.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

#include "connect/connector_validation.h"
#include "core/envelope.h"

namespace millrace {
namespace {

const std::string k_connect = "org.apache.kafka.connect.transforms.";
const std::string k_unwrap = "io.debezium.transforms.ExtractNewRecordState";

using Options = std::map<std::string, std::string, std::less<>>;

SchemaPtr text_schema() { return envelope::plain_schema(Type::string, false); }

SchemaPtr structure(std::string_view name, bool optional, std::vector<Field> fields) {
  return std::make_shared<const Schema>(envelope::structure_schema(name, optional, std::move(fields)));
}

std::string headers_of(const Result<std::optional<ConnectRecord>>& record) {
  if (!record) return record.error().text;
  if (!*record) return "dropped";
  std::string text;
  for (const Header& header : (*record)->headers) text += (text.empty() ? "" : " ") + header.name + "=" + *header.value.string();
  return text;
}

// A delete of one row that carries a header already, as one of a changed key does.
class DeletedRow {
 public:
  DeletedRow() {
    key_ = Value{Value::Struct{.schema = structure("s.t.Key", false, {{"a", text_schema()}}), .fields = {Value{"x"}}}};
    const Value before{Value::Struct{.schema = row_, .fields = {Value{"x"}}}};
    const Value source{Value::Struct{.schema = source_, .fields = {Value{"t"}}}};
    value_ = Value{Value::Struct{.schema = event_, .fields = {before, {}, source, Value{"d"}}}};
    plan_.topic = "s.t";
    plan_.key = Shape::of_slot(key_.structure()->schema, 0);
    plan_.value = Shape::of_slot(event_, 1);
    plan_.slot_count = 2;
    slots_ = {Datum::of(key_), Datum::of(value_)};
  }

  Record record(bool tombstone) const { return {.plan = &plan_, .slots = slots_, .tombstone = tombstone, .headers = headers_}; }

 private:
  SchemaPtr row_ = structure("s.t.Value", true, {{"a", text_schema()}});
  SchemaPtr source_ = structure("source", false, {{"table", text_schema()}});
  SchemaPtr event_ = structure("s.t.Envelope", false, {{"before", row_}, {"after", row_}, {"source", source_}, {"op", text_schema()}});
  Value key_, value_;
  RecordPlan plan_;
  std::array<Datum, 2> slots_;
  std::array<Header, 1> headers_{{{"moved", text_schema(), Value{"y"}}}};
};

Options unwrap() {
  return {{"type", k_unwrap}, {"add.headers", "op,table"}, {"delete.handling.mode", "none"}, {"drop.tombstones", "false"}};
}

Result<TransformChain> chain_of(const std::vector<Options>& steps) {
  Config config;
  std::string names;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string alias = "t" + std::to_string(i);
    names += (i == 0 ? "" : ",") + alias;
    for (const auto& [name, text] : steps[i]) config.set("transforms." + alias + "." + name, text);
  }
  config.set("transforms", names);
  config.set("predicates", "event");
  config.set("predicates.event.type", k_connect + "predicates.RecordIsTombstone");
  return TransformChain::create(config, *find_connector_class("io.debezium.connector.postgresql.PostgresConnector"));
}

struct Case {
  std::vector<Options> steps;
  std::string of_delete, of_tombstone;
};

TEST(TransformChain, ATombstoneHasWhatWasAddedToTheHeadersOfItsDelete) {
  const std::string all = "moved=y __op=d __table=t";
  Options on_events_alone = unwrap();
  on_events_alone.insert({{"predicate", "event"}, {"negate", "true"}});
  Options dropping = unwrap();
  dropping["delete.handling.mode"] = "drop";
  Options second = unwrap();
  second["add.headers"] = "op";
  second["add.headers.prefix"] = "2";
  const auto connect = [](const std::string& name, Options options) {
    options["type"] = k_connect + name;
    return options;
  };
  const std::string to_value = "io.debezium.transforms.HeaderToValue";
  const std::vector<Case> cases{
      {{unwrap()}, all, all + " __op=d"},
      {{on_events_alone}, all, all},
      {{unwrap(), second}, all + " 2op=d", all + " __op=d 2op=d"},
      {{dropping}, "dropped", all + " __op=d"},
      {{unwrap(), connect("InsertHeader", {{"header", "h"}, {"value.literal", "z"}})}, all + " h=z", all + " __op=d h=z"},
      {{connect("RegexRouter", {{"regex", "z"}, {"replacement", "y"}}), unwrap()}, all, all + " __op=d"},
      {{{{"type", to_value}, {"fields", "f"}, {"headers", "moved"}, {"operation", "copy"}}, unwrap()}, all, all + " __op=d"},
      {{{{"type", to_value}, {"fields", "f"}, {"headers", "moved"}, {"operation", "move"}}, unwrap()}, "__op=d __table=t", "moved=y __op=d"},
  };
  for (const Case& test : cases) {
    auto chain = chain_of(test.steps);
    ASSERT_TRUE(chain) << chain.error().text;
    const DeletedRow row;
    for (int i = 0; i < 2; ++i) {   // the second delete has a list of its own
      EXPECT_EQ(headers_of(chain->apply_next(row.record(false))), test.of_delete);
      EXPECT_EQ(headers_of(chain->apply_next(row.record(true))), test.of_tombstone);
    }
  }
}

// These make a new record with a copy of the headers, so that nothing behind them reaches the tombstone.
TEST(TransformChain, ATransformThatCopiesTheHeadersEndsTheirSharing) {
  const std::vector<Options> copying{
      {{"type", k_connect + "RegexRouter"}, {"regex", "(.*)"}, {"replacement", "$1"}},
      {{"type", k_connect + "ReplaceField$Key"}, {"renames", "a:b"}},
      {{"type", k_connect + "HoistField$Key"}, {"field", "b"}},
      {{"type", k_connect + "MaskField$Key"}, {"fields", "a"}},
      {{"type", k_connect + "SetSchemaMetadata$Key"}, {"schema.name", "b"}},
      {{"type", k_connect + "SetSchemaMetadata$Value"}, {"schema.name", "s.t.Envelope"}},
      {{"type", k_connect + "DropHeaders"}, {"headers", "other"}},
      {{"type", "io.debezium.transforms.ByLogicalTableRouter"}, {"topic.regex", "(.*)"}, {"topic.replacement", "$1x"},
       {"key.enforce.uniqueness", "false"}},
  };
  for (const Options& first : copying) {
    auto chain = chain_of({first, unwrap()});
    ASSERT_TRUE(chain) << chain.error().text;
    const DeletedRow row;
    EXPECT_EQ(headers_of(chain->apply_next(row.record(false))), "moved=y __op=d __table=t") << first.at("type");
    EXPECT_EQ(headers_of(chain->apply_next(row.record(true))), "moved=y __op=d") << first.at("type");
  }
}

}  // namespace
}  // namespace millrace
