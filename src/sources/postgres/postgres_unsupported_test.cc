#include "sources/postgres/postgres_unsupported.h"

#include <gtest/gtest.h>

namespace millrace::postgres {
namespace {

ConfigErrors refused(std::map<std::string, std::string, std::less<>> entries) {
  ConfigErrors errors;
  refuse_unsupported(Config{std::move(entries)}, errors);
  return errors;
}

TEST(PostgresUnsupported, TheMissionsConnectorIsFine) {
  EXPECT_TRUE(refused({{"topic.prefix", "postgres"}, {"table.include.list", "public.users"}, {"plugin.name", "pgoutput"}}).empty());
}

TEST(PostgresUnsupported, DefaultsMayBeWrittenDown) {
  EXPECT_TRUE(refused({{"heartbeat.interval.ms", "0"}, {"read.only", " FALSE "}, {"skipped.operations", "t,d"},
                       {"schema.name.adjustment.mode", "none"}, {"snapshot.mode", "always"}}).empty());
}

TEST(PostgresUnsupported, OptionsOfEventsAreFollowed) {
  EXPECT_TRUE(refused({{"heartbeat.interval.ms", "1000"}, {"provide.transaction.metadata", "true"},
                       {"skipped.operations", "none"}, {"snapshot.mode", "configuration_based"}}).empty());
}

TEST(PostgresUnsupported, WhatWouldChangeRecordsIsRefusedByName) {
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"signal.data.collection", "public.signals"}}) {
    const auto errors = refused({{name, value}});
    ASSERT_EQ(errors.size(), 1u) << name;
    EXPECT_EQ(errors[0].name, name);
    EXPECT_NE(errors[0].text.find(name), std::string::npos);
  }
}

}  // namespace
}  // namespace millrace::postgres
