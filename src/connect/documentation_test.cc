// The pages for users name every option of a source with the default that it has.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "sources/registry.h"

namespace millrace {
namespace {

std::string page(const std::string& name) {
  std::ifstream file{std::string{MILLRACE_SOURCE_DIR} + "/docs/" + name};
  EXPECT_TRUE(file) << "docs/" << name << " is missing";
  std::stringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string row_of(const ConfigKey& key) {
  const std::string value = key.default_text.value_or("");
  return "| `" + key.name + "` | " + (value.empty() ? "" : "`" + value + "`") + " |";
}

void expect_all_options(std::string_view connector_class, const std::string& name) {
  const std::string text = page(name);
  for (const ConfigKey& key : find_source(connector_class)->config_def().keys())
    EXPECT_NE(text.find(row_of(key)), std::string::npos) << "docs/" << name << " has no row that begins " << row_of(key);
}

TEST(Documentation, NamesEveryOptionOfPostgres) {
  expect_all_options("io.debezium.connector.postgresql.PostgresConnector", "postgres.md");
}

TEST(Documentation, NamesEveryOptionOfMongo) {
  expect_all_options("io.debezium.connector.mongodb.MongoDbConnector", "mongodb.md");
}

}  // namespace
}  // namespace millrace
