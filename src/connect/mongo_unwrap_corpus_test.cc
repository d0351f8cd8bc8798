// MongoDB's transforms against what Debezium's own classes make of the same events: tests/golden/mongo-serialization, whose
// README says what each file holds. Every input goes through decoder, writer, transform and the real converters.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/idle_sink.h"
#include "format/converter.h"
#include "sources/mongodb/event_writer.h"
#include "sources/mongodb/mongodb_transforms.h"
#include "sources/mongodb/serialization_corpus.h"

namespace millrace::mongodb {
namespace {

using nlohmann::json;

constexpr std::string_view k_unwrap_class = "ExtractNewDocumentState";

std::unique_ptr<Converter> json_converter(bool schemas) {
  return *make_converter("org.apache.kafka.connect.json.JsonConverter", Config{{{"schemas.enable", schemas ? "true" : "false"}}});
}

Result<json> json_of(const Converter& converter, const SchemaPtr& schema, const Value& value) {
  StringOutput out;
  MR_TRY(const bool some, converter.convert(schema, value, out));
  return some ? json(std::string{out.written()}) : json(nullptr);
}

// A record in the form of the recordings.
class Texts {
 public:
  Result<json> of(const ConnectRecord& record) const {
    json out{{"topic", record.topic}, {"headers", json::array()}};
    if (record.partition >= 0) out["partition"] = record.partition;
    if (record.timestamp_ms) out["timestamp"] = *record.timestamp_ms;
    MR_TRY(out["plain_key"], json_of(*plain_, record.key_schema, record.key));
    MR_TRY(out["plain_value"], json_of(*plain_, record.value_schema, record.value));
    MR_TRY(out["key"], json_of(*full_, record.key_schema, record.key));
    MR_TRY(out["value"], json_of(*full_, record.value_schema, record.value));
    for (const Header& header : record.headers) {
      MR_TRY(json simple, json_of(*headers_, header.schema, header.value));
      const auto schema = json_of(*full_, header.schema, header.value);
      out["headers"].push_back({header.name, std::move(simple), schema ? *schema : json("error")});
    }
    return out;
  }

 private:
  std::unique_ptr<Converter> plain_ = json_converter(false), full_ = json_converter(true);
  std::unique_ptr<Converter> headers_ = *make_header_converter("org.apache.kafka.connect.storage.SimpleHeaderConverter", Config{});
};

struct Made {
  bool tombstone = false;
  Result<json> record;   // null: dropped
};

class UnwrappingSink final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    made.push_back({record.tombstone, changed(to_tree(record))});
    return {};
  }

  Transform* transform = nullptr;
  std::vector<Made> made;

 private:
  Result<json> changed(ConnectRecord record) const {
    MR_TRY(const std::optional<ConnectRecord> result, transform->apply(std::move(record)));
    return result ? texts_.of(*result) : json(nullptr);
  }

  const Texts texts_;
};

using Options = std::map<std::string, std::string, std::less<>>;

std::unique_ptr<Transform> transform_of(std::string_view simple_name, const Options& options) {
  for (const TransformClass& candidate : mongodb_transforms()) {
    if (!candidate.class_name.ends_with("." + std::string{simple_name})) continue;
    auto made = candidate.make_transform(Config{options});
    EXPECT_TRUE(made) << made.error().text;
    return made ? std::move(*made) : nullptr;
  }
  ADD_FAILURE() << simple_name;
  return nullptr;
}

struct Seen {
  int records = 0, dropped = 0, errors = 0;
};

class MongoUnwrapCorpus : public testing::Test {
 protected:
  void feed(const json& input, Transform& transform) {
    sink_.made.clear();
    sink_.transform = &transform;
    if (input.contains("read")) {
      const auto document = bytes_of_hex(input["read"].get<std::string>());
      ASSERT_TRUE(writer_.read(input["db"].get<std::string>(), input["coll"].get<std::string>(), document, "true", ClusterTime{0, 0}, sink_));
      return;
    }
    const auto document = bytes_of_hex(input["event"].get<std::string>());
    const auto event = decode_change_event(document);
    ASSERT_TRUE(event) << event.error().text;
    ASSERT_TRUE(writer_.change(*event, sink_));
  }

  // The unwrap_* of a recording that has one line for each event, before the tombstone.
  Seen compare_unwrapped(const std::string& inputs_name, const std::string& outputs_name, const Options& options = {}) {
    const auto transform = transform_of(k_unwrap_class, options);
    const auto inputs = lines_of(inputs_name), outputs = lines_of(outputs_name);
    std::size_t at = 0;
    for (const json& wanted : outputs) {
      while (at < inputs.size() && inputs[at]["id"] != wanted["id"]) ++at;   // not every input was recorded
      if (at == inputs.size()) ADD_FAILURE() << outputs_name << " has " << wanted["id"] << ", which is not in " << inputs_name;
      if (at == inputs.size()) break;
      if (wanted["id"].dump().starts_with("\"ev/split")) continue;   // two events that become one before there is a record
      if (!wanted.contains("unwrap_value") && !wanted.contains("unwrap_error") && !wanted.contains("unwrap_dropped")) continue;
      SCOPED_TRACE(outputs_name + " " + wanted["id"].dump());
      feed(inputs[at], *transform);
      check_unwrapped(wanted);
    }
    return seen_;
  }

  void check_unwrapped(const json& wanted) {
    ASSERT_FALSE(sink_.made.empty());
    const Result<json>& record = sink_.made[0].record;
    if (wanted.contains("unwrap_error")) {
      EXPECT_FALSE(record) << wanted["unwrap_error"];
      ++seen_.errors;
      return;
    }
    ASSERT_TRUE(record) << record.error().text;
    if (wanted.contains("unwrap_dropped")) {
      EXPECT_TRUE(record->is_null()) << *record;
      ++seen_.dropped;
      return;
    }
    ASSERT_FALSE(record->is_null());
    EXPECT_EQ((*record)["plain_key"], wanted["unwrap_key"]);
    EXPECT_EQ((*record)["plain_value"], wanted["unwrap_value"]);
    if (wanted.contains("unwrap_value_schema")) { EXPECT_EQ((*record)["value"], wanted["unwrap_value_schema"]); }
    ++seen_.records;
  }

  // A recording whose inputs bring their options, with a line for each record that goes in.
  Seen compare_options(const std::string& name) {
    std::map<json, std::unique_ptr<Transform>> transforms;
    const auto inputs = lines_of(name + "-in.jsonl"), outputs = lines_of(name + "-out.jsonl");
    std::size_t at = 0;
    for (const json& input : inputs) {
      auto& transform = transforms[input["options"]];
      if (!transform) {
        auto options = input["options"].get<Options>();
        const std::string simple_name = options.contains("class") ? options["class"] : std::string{k_unwrap_class};
        options.erase("class");
        transform = transform_of(simple_name, options);
      }
      SCOPED_TRACE(name + " " + input["id"].dump() + " " + input["options"].dump());
      feed(input, *transform);
      for (const Made& made : sink_.made) {
        if (at == outputs.size()) ADD_FAILURE() << "more records than recorded";
        else check_record(outputs[at++], made);
      }
    }
    EXPECT_EQ(at, outputs.size());
    return seen_;
  }

  void check_record(const json& wanted, const Made& made) {
    EXPECT_EQ(made.tombstone, wanted.contains("tombstone"));
    if (wanted.contains("error")) {
      EXPECT_FALSE(made.record) << wanted["error"] << *made.record;
      ++seen_.errors;
      return;
    }
    ASSERT_TRUE(made.record) << made.record.error().text;
    if (wanted.contains("dropped")) {
      EXPECT_TRUE(made.record->is_null()) << *made.record;
      ++seen_.dropped;
      return;
    }
    for (const auto& [name, value] : made.record->items()) EXPECT_EQ(value, wanted.value(name, json("missing"))) << name;
    EXPECT_EQ(made.record->contains("timestamp"), wanted.contains("timestamp"));
    EXPECT_EQ(made.record->contains("partition"), wanted.contains("partition"));
    ++seen_.records;
  }

 private:
  EventWriter writer_ = EventWriter::create(Config{{{"topic.prefix", "mongo"}}}, time_of_the_recording).value();
  UnwrappingSink sink_;
  Seen seen_;
};

TEST_F(MongoUnwrapCorpus, EveryTypeAndShape) {
  const Seen seen = compare_unwrapped("cases-in.jsonl", "cases-out.jsonl");
  EXPECT_EQ(seen.records, 473);
  EXPECT_EQ(seen.dropped, 129);
  EXPECT_EQ(seen.errors, 17);
}

TEST_F(MongoUnwrapCorpus, RandomEvents) {
  const Seen seen = compare_unwrapped("random-in.jsonl", "random-out.jsonl");
  EXPECT_EQ(seen.records, 625);
  EXPECT_EQ(seen.errors, 168);
}

TEST_F(MongoUnwrapCorpus, WithSchemas) {
  EXPECT_EQ(compare_unwrapped("schemas60-in.jsonl", "schemas60-out.jsonl").records, 25);
}

TEST_F(MongoUnwrapCorpus, ArraysAsDocumentsFlattened) {
  const Seen seen = compare_unwrapped("random600-in.jsonl", "random600-unwrap-out.jsonl",
                                      {{"array.encoding", "document"},
                                       {"flatten.struct", "true"},
                                       {"delete.tombstone.handling.mode", "rewrite"},
                                       {"add.fields", "op,source.ts_ms,source.collection"}});
  EXPECT_EQ(seen.records, 304);
}

TEST_F(MongoUnwrapCorpus, EveryOption) {
  const Seen seen = compare_options("unwrap-options");
  EXPECT_EQ(seen.records, 383);
  EXPECT_EQ(seen.dropped, 92);
  EXPECT_EQ(seen.errors, 200);
}

TEST_F(MongoUnwrapCorpus, Outbox) {
  const Seen seen = compare_options("outbox");
  EXPECT_EQ(seen.records + seen.dropped + seen.errors, 282);
  EXPECT_EQ(seen.records, 84);
}

}  // namespace
}  // namespace millrace::mongodb
