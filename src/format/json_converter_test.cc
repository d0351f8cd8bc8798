#include "format/json_converter.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "core/envelope.h"
#include "format/test_values.h"

namespace millrace {
namespace {

using namespace std::string_literals;
using envelope::plain_schema;
using envelope::semantic_schema;

std::shared_ptr<const Value> default_of(Value value) { return std::make_shared<const Value>(std::move(value)); }

Schema decimal_of_scale(std::string scale, bool optional) {
  Schema schema = semantic_schema(Type::bytes, k_decimal, optional);
  schema.parameters = {{"scale", std::move(scale)}};
  return schema;
}

Result<std::string> encode(const Config& options, const SchemaPtr& schema, const Value& value) {
  MR_TRY(const auto converter, JsonConverter::create(options));
  StringOutput out;
  MR_TRY(const bool some, converter->convert(schema, value, out));
  return some ? std::string{out.written()} : "(null)";
}

const Config k_bare{{{"schemas.enable", "false"}}};
std::string bare(const SchemaPtr& schema, const Value& value) { return encode(k_bare, schema, value).value(); }

TEST(JsonConverter, WritesTheSchemaInConnectsOrder) {
  Schema nested = semantic_schema(Type::structure, "a.b.Value", false);
  nested.version = 2;
  nested.doc = "d";
  Schema with_default{.type = Type::string, .optional = true, .default_value = default_of(Value{"dv"})};
  Schema amount = decimal_of_scale("2", true);
  amount.parameters.emplace_back("connect.decimal.precision", "5");
  nested.fields = {
      {"id", plain_schema(Type::int32, false)},
      {"opt", shared(with_default)},
      {"arr", shared({.type = Type::array, .optional = true, .values = plain_schema(Type::int64, true)})},
      {"m", shared({.type = Type::map, .optional = true, .keys = plain_schema(Type::string, false),
                    .values = plain_schema(Type::int8, false)})},
      {"dec", shared(amount)}};
  const Value value{Value::Struct{nullptr, {integer(1), Value{}, Value{}, Value{}, Value{}}}};
  EXPECT_EQ(encode({}, shared(nested), value).value(),
            R"({"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"},)"
            R"({"type":"string","optional":true,"default":"dv","field":"opt"},)"
            R"({"type":"array","items":{"type":"int64","optional":true},"optional":true,"field":"arr"},)"
            R"({"type":"map","keys":{"type":"string","optional":false},"values":{"type":"int8","optional":false},)"
            R"("optional":true,"field":"m"},)"
            R"({"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,)"
            R"("parameters":{"scale":"2","connect.decimal.precision":"5"},"field":"dec"}],)"
            R"("optional":false,"name":"a.b.Value","version":2,"doc":"d"},)"
            R"("payload":{"id":1,"opt":"dv","arr":null,"m":null,"dec":null}})");
}

TEST(JsonConverter, WritesTypeNamesAndLogicalDefaults) {
  const auto schema_of = [](Schema schema) { return encode({}, shared(schema), *schema.default_value).value(); };
  Schema number = decimal_of_scale("2", false);
  number.default_value = default_of(Value{Bytes{"\x64"}});
  EXPECT_TRUE(schema_of(number).find(R"("default":"ZA=="})") != std::string::npos) << schema_of(number);
  Schema time = semantic_schema(Type::int64, "org.apache.kafka.connect.data.Timestamp", false);
  time.default_value = default_of(integer(5));
  EXPECT_EQ(schema_of(time), R"({"schema":{"type":"int64","optional":false,)"
                             R"("name":"org.apache.kafka.connect.data.Timestamp","version":1,"default":5},"payload":5})");
  EXPECT_EQ(encode({}, plain_schema(Type::float32, false), Value{1.5F}).value(),
            R"({"schema":{"type":"float","optional":false},"payload":1.5})");
  EXPECT_EQ(encode({}, plain_schema(Type::float64, true), Value{1e10}).value(),
            R"({"schema":{"type":"double","optional":true},"payload":1.0E10})");
}

TEST(JsonConverter, TreatsNullsAsConnect) {
  EXPECT_EQ(encode({}, nullptr, Value{}).value(), "(null)");
  EXPECT_EQ(encode(k_bare, nullptr, Value{}).value(), "(null)");
  EXPECT_EQ(encode({}, plain_schema(Type::string, true), Value{}).value(),
            R"({"schema":{"type":"string","optional":true},"payload":null})");
  EXPECT_EQ(bare(plain_schema(Type::string, true), Value{}), "null");
  const auto with_default =
      shared({.type = Type::int32, .optional = true, .default_value = default_of(integer(7))});
  EXPECT_EQ(bare(with_default, Value{}), "7");
  const Config keep_nulls{{{"schemas.enable", "false"}, {"replace.null.with.default", "false"}}};
  EXPECT_EQ(encode(keep_nulls, with_default, Value{}).value(), "null");
}

TEST(JsonConverter, NamesTheFieldThatMustNotBeNull) {
  const auto row = shared(envelope::structure_schema("r", false, {{"id", plain_schema(Type::int32, false)}}));
  const auto event = shared(envelope::structure_schema("e", false, {{"after", row}}));
  const auto problem =
      encode(k_bare, event, Value{Value::Struct{event, {Value{Value::Struct{row, {Value{}}}}}}}).error();
  EXPECT_EQ(problem.text,
            "Conversion error: null value for field that is required and has no default value (after.id)");
  EXPECT_EQ(problem.exception, k_data_exception);
  EXPECT_FALSE(problem.retriable());
}

TEST(JsonConverter, RefusesAValueOfAnotherType) {
  EXPECT_EQ(encode(k_bare, plain_schema(Type::int32, false), Value{"x"}).error().text,
            "Invalid type for INT32: class java.lang.String");
  EXPECT_EQ(encode(k_bare, plain_schema(Type::string, false), integer(5)).error().text,
            "Invalid type for STRING: class java.lang.Long");
}

TEST(JsonConverter, WritesScalars) {
  EXPECT_EQ(bare(plain_schema(Type::boolean, false), Value{true}), "true");
  EXPECT_EQ(bare(plain_schema(Type::int64, false), integer(-5)), "-5");
  EXPECT_EQ(bare(plain_schema(Type::string, false), Value{"a\"b"}), R"("a\"b")");
  EXPECT_EQ(bare(plain_schema(Type::bytes, false), Value{Bytes{"\x00\x01\xFF\x3E\x3F"s}}), R"("AAH/Pj8=")");
  EXPECT_EQ(bare(plain_schema(Type::float64, false), Value{std::numeric_limits<double>::quiet_NaN()}), R"("NaN")");
  EXPECT_EQ(bare(plain_schema(Type::float32, false), Value{-std::numeric_limits<float>::infinity()}), R"("-Infinity")");
}

TEST(JsonConverter, WritesDecimalsInBothFormats) {
  const auto number = shared(decimal_of_scale("4", true));
  EXPECT_EQ(bare(number, Value{Bytes{"\x3A\x98"}}), R"("Opg=")");
  const Config numeric{{{"schemas.enable", "false"}, {"decimal.format", "Numeric"}}};
  EXPECT_EQ(encode(numeric, number, Value{Bytes{"\x3A\x98"}}).value(), "1.5000");
  EXPECT_EQ(encode(numeric, shared(decimal_of_scale("8", true)), Value{Bytes{"\x01"}}).value(), "1E-8");
  EXPECT_EQ(encode(numeric, plain_schema(Type::bytes, false), Value{Bytes{"\x0F"}}).value(), R"("Dw==")");
  EXPECT_EQ(encode(numeric, shared(decimal_of_scale("x", true)), Value{Bytes{"\x01"}}).error().text,
            "Invalid scale parameter found in Decimal schema: x");
}

TEST(JsonConverter, WritesMapsAsObjectsOrPairs) {
  const auto map_of = [](Type keys) {
    return shared({.type = Type::map, .keys = plain_schema(keys, true), .values = plain_schema(Type::string, true)});
  };
  EXPECT_EQ(bare(map_of(Type::string), Value{Value::Map{{Value{"k"}, Value{"v"}}, {Value{"n"}, Value{}}}}),
            R"({"k":"v","n":null})");
  EXPECT_EQ(bare(map_of(Type::string), Value{Value::Map{{Value{}, Value{"v"}}}}), R"({"null":"v"})");
  EXPECT_EQ(bare(map_of(Type::int32), Value{Value::Map{{integer(7), Value{"x"}}}}), R"([[7,"x"]])");
  EXPECT_EQ(bare(map_of(Type::string), Value{Value::Map{}}), "{}");
}

TEST(JsonConverter, WritesWhatHasNoSchema) {
  const Value map{Value::Map{{Value{"a"}, integer(1)}, {Value{"l"}, Value{Value::Array{Value{true}, Value{}}}}}};
  EXPECT_EQ(encode({}, nullptr, map).value(), R"({"schema":null,"payload":{"a":1,"l":[true,null]}})");
  EXPECT_EQ(bare(nullptr, Value{Value::Map{{Value{"a"}, integer(1)}, {integer(2), Value{}}}}), R"([["a",1],[2,null]])");
  const auto row = shared(envelope::structure_schema("r", false, {}));
  EXPECT_EQ(encode(k_bare, nullptr, Value{Value::Struct{row, {}}}).error().text, "Mismatching schema.");
}

TEST(JsonConverter, NamesAnOptionThatDoesNotParse) {
  const auto problem = [](std::string name, std::string value) {
    return JsonConverter::create(Config{{{std::move(name), std::move(value)}}}).error();
  };
  EXPECT_EQ(problem("schemas.enable", "maybe").text,
            "Invalid value maybe for configuration schemas.enable: Expected value to be either true or false");
  EXPECT_EQ(problem("schemas.enable", "maybe").exception, k_config_exception);
  EXPECT_EQ(problem("decimal.format", "x").text,
            "Invalid value x for configuration decimal.format: String must be one of (case insensitive): NUMERIC, BASE64");
  EXPECT_EQ(problem("schemas.cache.size", "a").text,
            "Invalid value a for configuration schemas.cache.size: Not a number of type INT");
  EXPECT_TRUE(JsonConverter::create(Config{{{"schemas.enable", " TRUE "}, {"decimal.format", " numeric "}}}));
}

// An update as Debezium 2.7 under Kafka Connect 4.0 wrote it.
std::string recorded_row(std::string_view field) {
  return R"({"type":"struct","fields":[{"type":"int32","optional":false,"default":0,"field":"user_id"},)"
         R"({"type":"string","optional":true,"field":"full_name"},{"type":"string","optional":true,"field":"email"},)"
         R"({"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1,"default":0,"field":"created_at"},)"
         R"({"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1,"default":0,"field":"updated_at"}],)"
         R"("optional":true,"name":"postgres.public.users.Value","field":")" +
         std::string{field} + R"("},)";
}

constexpr std::string_view k_recorded_source =
    R"({"type":"struct","fields":[{"type":"string","optional":false,"field":"version"},)"
    R"({"type":"string","optional":false,"field":"connector"},{"type":"string","optional":false,"field":"name"},)"
    R"({"type":"int64","optional":false,"field":"ts_ms"},)"
    R"({"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,)"
    R"("parameters":{"allowed":"true,last,false,incremental"},"default":"false","field":"snapshot"},)"
    R"({"type":"string","optional":false,"field":"db"},{"type":"string","optional":true,"field":"sequence"},)"
    R"({"type":"int64","optional":true,"field":"ts_us"},{"type":"int64","optional":true,"field":"ts_ns"},)"
    R"({"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"},)"
    R"({"type":"int64","optional":true,"field":"txId"},{"type":"int64","optional":true,"field":"lsn"},)"
    R"({"type":"int64","optional":true,"field":"xmin"}],)"
    R"("optional":false,"name":"io.debezium.connector.postgresql.Source","field":"source"},)";

constexpr std::string_view k_recorded_rest =
    R"({"type":"struct","fields":[{"type":"string","optional":false,"field":"id"},)"
    R"({"type":"int64","optional":false,"field":"total_order"},)"
    R"({"type":"int64","optional":false,"field":"data_collection_order"}],)"
    R"("optional":true,"name":"event.block","version":1,"field":"transaction"},)"
    R"({"type":"string","optional":false,"field":"op"},{"type":"int64","optional":true,"field":"ts_ms"},)"
    R"({"type":"int64","optional":true,"field":"ts_us"},{"type":"int64","optional":true,"field":"ts_ns"}],)"
    R"("optional":false,"name":"postgres.public.users.Envelope","version":2},)"
    R"("payload":{"before":null,"after":{"user_id":1,"full_name":"Ada King","email":"ada@example.com",)"
    R"("created_at":1704103200000000,"updated_at":1709341323456789},)"
    R"("source":{"version":"2.7.0.Final","connector":"postgresql","name":"postgres","ts_ms":1795460532416,)"
    R"("snapshot":"false","db":"app","sequence":"[\"196338480\",\"196338480\"]","ts_us":1795460532416175,)"
    R"("ts_ns":1795460532416175000,"schema":"public","table":"users","txId":1780,"lsn":196338480,"xmin":null},)"
    R"("transaction":null,"op":"u","ts_ms":1795460532747,"ts_us":1795460532747403,"ts_ns":1795460532747403116}})";

std::string recorded_update() {
  return R"({"schema":{"type":"struct","fields":[)" + recorded_row("before") + recorded_row("after") +
         std::string{k_recorded_source} + std::string{k_recorded_rest};
}

SchemaPtr users_row() {
  const auto with_zero = [](Schema schema) {
    schema.default_value = default_of(integer(0));
    return shared(std::move(schema));
  };
  const auto micros = with_zero(semantic_schema(Type::int64, "io.debezium.time.MicroTimestamp", true));
  return shared(envelope::structure_schema("postgres.public.users.Value", true,
                                           {{"user_id", with_zero(Schema{.type = Type::int32})},
                                            {"full_name", plain_schema(Type::string, true)},
                                            {"email", plain_schema(Type::string, true)},
                                            {"created_at", micros},
                                            {"updated_at", micros}}));
}

SchemaPtr postgres_source() {
  const auto text = plain_schema(Type::string, false);
  const auto number = plain_schema(Type::int64, true);
  return shared(envelope::structure_schema(
      "io.debezium.connector.postgresql.Source", false,
      {{"version", text}, {"connector", text}, {"name", text}, {"ts_ms", plain_schema(Type::int64, false)},
       {"snapshot", envelope::snapshot_marker()}, {"db", text}, {"sequence", plain_schema(Type::string, true)},
       {"ts_us", number}, {"ts_ns", number}, {"schema", text}, {"table", text}, {"txId", number}, {"lsn", number},
       {"xmin", number}}));
}

// A plan and the values of its slots, collected together.
struct Update {
  std::vector<Datum> slots;
  RecordPlan plan;

  Shape slot(const SchemaPtr& schema, Datum datum) {
    slots.push_back(datum);
    return Shape::of_slot(schema, static_cast<std::uint16_t>(slots.size() - 1));
  }
  Shape structure(const SchemaPtr& schema, Datum presence, std::vector<Datum> fields) {
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < fields.size(); ++i) shapes.push_back(slot(schema->fields[i].schema, fields[i]));
    slots.push_back(presence);
    return Shape::of_structure(schema, std::move(shapes), static_cast<std::uint16_t>(slots.size() - 1));
  }
};

Datum number(std::int64_t value) { return Datum::of(value); }

Update users_update() {
  Update update;
  const auto row = users_row();
  const auto source = postgres_source();
  const auto event = envelope::relational_schema("postgres.public.users", row, source);
  const auto field = [&](std::size_t i) { return event->fields[i].schema; };
  const auto constant = [&](std::size_t i, std::string_view text) {
    return Shape::of_constant(source->fields[i].schema, Value{text});
  };
  const auto from_slot = [&](std::size_t i, Datum datum) { return update.slot(source->fields[i].schema, datum); };
  Shape before = update.structure(row, Datum::null(), std::vector<Datum>(5));
  Shape after = update.structure(row, Datum::of(true),
                                 {Datum::digits("1"), Datum::string("Ada King"), Datum::string("ada@example.com"),
                                  number(1704103200000000), number(1709341323456789)});
  Shape origin = Shape::of_structure(
      source, {constant(0, "2.7.0.Final"), constant(1, "postgresql"), constant(2, "postgres"),
               from_slot(3, number(1795460532416)), Shape::of_constant(source->fields[4].schema), constant(5, "app"),
               from_slot(6, Datum::string(R"(["196338480","196338480"])")), from_slot(7, number(1795460532416175)),
               from_slot(8, number(1795460532416175000)), constant(9, "public"), constant(10, "users"),
               from_slot(11, number(1780)), from_slot(12, number(196338480)),
               Shape::of_constant(source->fields[13].schema)});
  update.plan.value = Shape::of_structure(
      event, {std::move(before), std::move(after), std::move(origin), Shape::of_constant(field(3)),
              update.slot(field(4), Datum::string("u")), update.slot(field(5), number(1795460532747)),
              update.slot(field(6), number(1795460532747403)), update.slot(field(7), number(1795460532747403116))});
  return update;
}

TEST(JsonConverter, GivesTheRecordedBytesOfAnUpdateOnBothPaths) {
  const auto converter = JsonConverter::create({}).value();
  const Update update = users_update();

  StringOutput compiled;
  EXPECT_TRUE(converter->compile(*update.plan.value).value()->write(update.slots, compiled).value());
  EXPECT_EQ(compiled.written(), recorded_update());

  const ConnectRecord tree = to_tree({.plan = &update.plan, .slots = update.slots});
  StringOutput general;
  EXPECT_TRUE(converter->convert(tree.value_schema, tree.value, general).value());
  EXPECT_EQ(general.written(), recorded_update());
}

TEST(JsonConverter, RendersANewSchemaAtTheSameAddressAnew) {
  const auto converter = JsonConverter::create({}).value();
  for (int i = 0; i < 100; ++i) {
    const auto schema = shared(semantic_schema(Type::int32, "n" + std::to_string(i), false));
    StringOutput out;
    ASSERT_TRUE(converter->convert(schema, integer(i), out));
    EXPECT_NE(out.written().find("\"n" + std::to_string(i) + "\""), std::string::npos);
  }
}

}  // namespace
}  // namespace millrace
