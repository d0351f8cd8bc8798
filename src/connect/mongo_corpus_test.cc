// The MongoDB source against records of Debezium's own classes: tests/golden/mongo-serialization, whose README says what
// each file holds. Every input goes through decoder, writer and the real JSON converter, both of its paths.
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/idle_sink.h"
#include "format/converter.h"
#include "sources/mongodb/event_writer.h"
#include "sources/mongodb/serialization_corpus.h"
#include "sources/mongodb/split_events.h"

namespace millrace::mongodb {
namespace {

using nlohmann::json;

struct Written {
  std::string topic;
  std::string key, value;                  // schemas off
  std::string key_schema, value_schema;    // schemas on
  bool tombstone = false;
};

class JsonTexts {
 public:
  explicit JsonTexts(bool schemas) {
    converter_ = *make_converter("org.apache.kafka.connect.json.JsonConverter",
                                 Config{{{"schemas.enable", schemas ? "true" : "false"}}});
  }

  // What the plan's program writes, which must be what the general tree gives.
  std::string text(const Shape& shape, std::span<const Datum> slots, const SchemaPtr& schema, const Value& tree) const {
    StringOutput fast, general;
    const auto program = converter_->compile(shape);
    EXPECT_TRUE(program) << program.error().text;
    const auto written = (*program)->write(slots, fast);
    EXPECT_TRUE(written && *written) << (written ? "null" : written.error().text);
    EXPECT_TRUE(converter_->convert(schema, tree, general));
    EXPECT_EQ(fast.written(), general.written());
    return std::string{fast.written()};
  }

 private:
  std::unique_ptr<Converter> converter_;
};

class ConvertingSink final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    const ConnectRecord tree = to_tree(record);
    const RecordPlan& plan = *record.plan;
    Written written{.topic = plan.topic, .tombstone = record.tombstone};
    written.key = plain_.text(*plan.key, record.slots, tree.key_schema, tree.key);
    written.key_schema = full_.text(*plan.key, record.slots, tree.key_schema, tree.key);
    if (!record.tombstone) {
      written.value = plain_.text(*plan.value, record.slots, tree.value_schema, tree.value);
      written.value_schema = full_.text(*plan.value, record.slots, tree.value_schema, tree.value);
    }
    records.push_back(std::move(written));
    return {};
  }

  std::vector<Written> records;

 private:
  const JsonTexts plain_{false}, full_{true};
};

struct Expectations {
  int records = 0, errors = 0;
};

class MongoCorpus : public testing::Test {
 protected:
  // Debezium's context before its first event says 0 for both.
  static constexpr ClusterTime k_time_of_snapshot{0, 0};

  Result<void> feed(const json& input, ConvertingSink& sink) {
    if (input.contains("read")) {
      const auto document = bytes_of_hex(input["read"].get<std::string>());
      return writer_.read(input["db"].get<std::string>(), input["coll"].get<std::string>(), document, "true",
                          k_time_of_snapshot, sink);
    }
    const auto document = bytes_of_hex(input["event"].get<std::string>());
    MR_TRY(const auto event, split_.take(document));
    return event ? writer_.change(*event, sink) : Result<void>{};
  }

  void check_record(const json& wanted, const std::vector<Written>& records) {
    const std::string value = wanted["value"];
    const bool removal = value.find(R"("op":"d")") != std::string::npos && json::parse(value)["op"] == "d";
    ASSERT_EQ(records.size(), removal ? 2u : 1u);
    EXPECT_EQ(records[0].topic, wanted["topic"]);
    EXPECT_EQ(records[0].key, wanted["key"]);
    EXPECT_EQ(records[0].value, value);
    if (wanted.contains("value_schema")) {
      EXPECT_EQ(records[0].key_schema, wanted["key_schema"]);
      EXPECT_EQ(records[0].value_schema, wanted["value_schema"]);
    }
    EXPECT_FALSE(records[0].tombstone);
    if (removal) {
      EXPECT_TRUE(records[1].tombstone);
      EXPECT_EQ(records[1].topic, wanted["topic"]);
      EXPECT_EQ(records[1].key, wanted["key"]);
    }
  }

  // Where Debezium throws, an insert without its document is delivered, and what makes no record stays without one.
  void check_error(const json& wanted, const std::vector<Written>& records) {
    if (wanted["id"] == "ev/rename" || wanted["id"] == "ev/drop") {
      EXPECT_TRUE(records.empty());
      return;
    }
    if (wanted["error"].get<std::string>().contains("field can not be null")) return check_truncation(records);
    ASSERT_TRUE(wanted["id"] == "ev/insert without full" || wanted["id"] == "ev/insert full null") << wanted["error"];
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].key, R"({"id":"1"})");
    EXPECT_TRUE(records[0].value.starts_with(R"({"before":null,"after":null,"updateDescription":null,)")) << records[0].value;
    EXPECT_EQ(json::parse(records[0].value)["op"], "c");
  }

  // Debezium fails at an array that is shortened and of which field.exclude.list has a part: its entry stays.
  static void check_truncation(const std::vector<Written>& records) {
    ASSERT_EQ(records.size(), 1u);
    const json arrays = json::parse(records[0].value)["updateDescription"]["truncatedArrays"];
    ASSERT_TRUE(arrays.is_array()) << records[0].value;
    EXPECT_EQ(arrays[0]["field"], "items");
  }

  Expectations compare(const std::string& name, Config config = Config{{{"topic.prefix", "mongo"}}}) { return compare(name, name, config); }
  Expectations compare(const std::string& input, const std::string& name, const Config& config) {
    writer_ = EventWriter::create(config, time_of_the_recording).value();
    const auto inputs = lines_of(input + "-in.jsonl"), outputs = lines_of(name + "-out.jsonl");
    EXPECT_EQ(inputs.size(), outputs.size());
    Expectations seen;
    for (std::size_t i = 0; i < std::min(inputs.size(), outputs.size()); ++i) {
      const json& wanted = outputs[i];
      EXPECT_EQ(inputs[i]["id"], wanted["id"]);
      const std::string id = wanted["id"].dump();
      SCOPED_TRACE(name + " " + id);
      sink_.records.clear();
      const auto fed = feed(inputs[i], sink_);
      EXPECT_TRUE(fed) << fed.error().trace();
      if (wanted.contains("fragment")) {   // the record comes with the last one
        EXPECT_TRUE(sink_.records.empty());
        continue;
      }
      const bool error = wanted.contains("error");
      if (error) check_error(wanted, sink_.records);
      else check_record(wanted, sink_.records);
      ++(error ? seen.errors : seen.records);
    }
    return seen;
  }

 private:
  EventWriter writer_ = EventWriter::create(Config{}).value();
  SplitEvents split_;
  ConvertingSink sink_;
};

TEST_F(MongoCorpus, EveryTypeAndShape) {
  const auto seen = compare("cases");
  EXPECT_EQ(seen.records, 620);
  EXPECT_EQ(seen.errors, 2);
}
TEST_F(MongoCorpus, RandomEvents) { EXPECT_EQ(compare("random").records, 993); }
TEST_F(MongoCorpus, Edges) { EXPECT_GT(compare("edges").records, 1000); }
TEST_F(MongoCorpus, EventsOfARealServer) { EXPECT_EQ(compare("server").records, 392); }
TEST_F(MongoCorpus, WithSchemas) { EXPECT_GT(compare("schemas60").records, 30); }
TEST_F(MongoCorpus, ExcludedFields) {
  const auto seen = compare("random600", "random600-field-exclude", Config{{
      {"topic.prefix", "mongo"}, {"field.exclude.list", "commerce.events.a,commerce.events.b.c,commerce.events.items.name,*.*.ref"}}});
  EXPECT_EQ(seen.records + seen.errors, 304);
  EXPECT_EQ(seen.errors, 18);
}
TEST_F(MongoCorpus, RenamedFields) {
  EXPECT_EQ(compare("random600", "random600-field-renames", Config{{
      {"topic.prefix", "mongo"}, {"field.renames", "commerce.events.a:AA,commerce.events.b.c:cc,commerce.events.items.name:nm"}}}).records, 304);
}
TEST_F(MongoCorpus, NamesForAvro) {
  EXPECT_EQ(compare("names-avro3", Config{{{"topic.prefix", "my-srv.1"}, {"schema.name.adjustment.mode", "avro"}}}).records, 2);
}

}  // namespace
}  // namespace millrace::mongodb
