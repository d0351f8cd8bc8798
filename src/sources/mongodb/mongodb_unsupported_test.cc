#include "sources/mongodb/mongodb_unsupported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::mongodb {
namespace {

using testing::HasSubstr;
using Entries = std::map<std::string, std::string, std::less<>>;

ConfigErrors refused_options(Entries entries) {
  ConfigErrors errors;
  refuse_unsupported(Config{std::move(entries)}, errors);
  return errors;
}

TEST(MongoUnsupported, DefaultsMayBeWrittenDown) {
  EXPECT_TRUE(refused_options({{"heartbeat.interval.ms", "0"}, {"provide.transaction.metadata", " FALSE "}, {"signal.enabled.channels", "source"},
                               {"schema.name.adjustment.mode", "None"}, {"snapshot.mode", "when_needed"}, {"cursor.pipeline.order", "INTERNAL_FIRST"},
                               {"cursor.oversize.handling.mode", "fail"}, {"snapshot.max.threads", "4"}, {"snapshot.fetch.size", "100"},
                               {"topic.naming.strategy", "io.debezium.schema.DefaultUnicodeTopicNamingStrategy"}, {"heartbeat.interval.ms", "1000"},
                               {"provide.transaction.metadata", "true"}, {"field.exclude.list", "shop.items.price"}, {"field.renames", "shop.items.a:b"}, {"schema.name.adjustment.mode", "avro"},
                               {"internal.log.position.check.enable", "true"}}).empty());
}

TEST(MongoUnsupported, WithoutEffectInDebeziumToo) {
  EXPECT_TRUE(refused_options({{"mongodb.poll.interval.ms", "1"}, {"query.fetch.size", "5"}, {"field.name.adjustment.mode", "avro"},
                               {"binary.handling.mode", "hex"}, {"mongodb.hosts", "rs0/h:1"}, {"connect.max.attempts", "3"}}).empty());
}

TEST(MongoUnsupported, WhatWouldChangeRecordsIsRefusedByName) {
  for (const auto& [name, value] : Entries{
           {"signal.data.collection", "a.b"}, {"signal.enabled.channels", "source,kafka"}, {"notification.enabled.channels", "log"},
           {"snapshot.mode", "custom"}, {"post.processors", "p"}, {"topic.naming.strategy", "my.Strategy"},
           {"mongodb.authentication.class", "a.B"}, {"internal.mongodb.allow.offset.invalidation", "true"}}) {
    const auto errors = refused_options({{name, value}});
    ASSERT_EQ(errors.size(), 1u) << name;
    EXPECT_EQ(errors[0].name, name);
    EXPECT_THAT(errors[0].text, HasSubstr("The '" + name + "' value is invalid: "));
  }
}

}  // namespace
}  // namespace millrace::mongodb
